#pragma once
/// Everything outside the job that can change a bit of a result: libraries, instruction sets, memory order, device.
/// Thread-safety: free function.
#include <string>

#include <c10/core/Device.h>
#include <c10/core/MemoryFormat.h>

namespace qeval {

/// `order`: of the activations. One line, "key=value; key=value", stable for the same machine, libraries and
/// environment variables.
std::string describe_environment(const at::Device& device, at::MemoryFormat order);

}  // namespace qeval
