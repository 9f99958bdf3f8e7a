#pragma once
/// What the CUDA driver says about a GPU. libcuda is opened by name, so that no CUDA header or toolkit is needed to
/// build. Thread-safety: free functions. Errors: none; "unknown" or 0 where the driver does not answer.
#include <string>

namespace qeval {

int cuda_device_count();
std::string cuda_device_name(int index);        ///< "NVIDIA H100 80GB HBM3"
std::string cuda_driver_version();              ///< CUDA version the driver supports, "12.8"
std::string cuda_device_capability(int index);  ///< "9.0"

}  // namespace qeval
