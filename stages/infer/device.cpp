#include "stages/infer/device.h"

#include <cctype>
#include <cstdlib>

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>

#include "pipeline/base/errors.h"
#include "stages/infer/cuda_driver.h"

namespace qeval {
namespace {

/// at::hasCUDA() is false for a CUDA build too where there is no GPU.
bool cuda_build() { return at::detail::getCUDAHooks().hasCUDART(); }

int gpu_count() { return at::hasCUDA() ? at::detail::getCUDAHooks().getNumGPUs() : 0; }

/// Same input, same bits, on the same GPU with the same libraries.
void make_gpu_repeatable() {
  setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*overwrite=*/0);
  auto& context = at::globalContext();
  context.setBenchmarkCuDNN(false);
  context.setDeterministicCuDNN(true);
  context.setDeterministicAlgorithms(true, /*warn_only=*/false);
  context.setAllowTF32CuDNN(false);
  context.setAllowTF32CuBLAS(false);
}

int parse_index(const std::string& word) {
  if (word == "cuda") return 0;
  const std::string digits = word.starts_with("cuda:") ? word.substr(5) : "";
  const bool number = !digits.empty() && digits.size() <= 2 && digits.find_first_not_of("0123456789") == digits.npos;
  if (!number) throw UsageError("unknown device '" + word + "'; use auto, cpu, cuda or cuda:N");
  return std::stoi(digits);
}

at::Device take_gpu(int index) {
  make_gpu_repeatable();
  return {at::kCUDA, static_cast<at::DeviceIndex>(index)};
}

}  // namespace

at::Device resolve_device(const std::string& word) {
  if (word == "cpu") return at::kCPU;
  if (word == "auto") return gpu_count() > 0 ? take_gpu(0) : at::Device(at::kCPU);
  const int index = parse_index(word), count = gpu_count();
  if (count == 0)
    throw UsageError("device '" + word + "' is not there: " +
                     (cuda_build() ? "no usable GPU was found" : "this LibTorch was built without CUDA") +
                     "; use device: cpu or auto");
  if (index >= count)
    throw UsageError("device '" + word + "' is not there: " + std::to_string(count) + " GPU(s), numbered from 0");
  return take_gpu(index);
}

std::string describe_device(const at::Device& device) {
  return device.is_cuda() ? device.str() + " " + cuda_device_name(device.index()) : device.str();
}

}  // namespace qeval
