#pragma once
/// From a job's device word to an ATen device.
/// Thread-safety: free functions.
#include <string>

#include <c10/core/Device.h>

namespace qeval {

/// "auto", "cpu", "cuda", "cuda:1". auto takes the first GPU if there is one, else the CPU.
/// UsageError for another word, and for a GPU that is not there. Taking a GPU sets its libraries to repeatable kernels.
at::Device resolve_device(const std::string& word);

/// "cpu" or "cuda:0 NVIDIA …".
std::string describe_device(const at::Device& device);

}  // namespace qeval
