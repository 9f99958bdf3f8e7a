#pragma once
/// Everything outside the job that can change a bit of a result: libraries, instruction sets, device.
/// Thread-safety: free function.
#include <string>

#include <c10/core/Device.h>

namespace qeval {

/// One line, "key=value; key=value", stable for the same machine, libraries and environment variables.
std::string describe_environment(const at::Device& device);

}  // namespace qeval
