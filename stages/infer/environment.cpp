#include "stages/infer/environment.h"

#include <algorithm>
#include <cstdlib>
#include <initializer_list>

#include <ATen/Context.h>
#include <ATen/Version.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <torch/headeronly/version.h>

#include "pipeline/base/processor.h"
#include "stages/infer/cuda_driver.h"
#include "stages/infer/memory_order.h"

namespace qeval {
namespace {

class Line {
 public:
  void add(const std::string& key, const std::string& value) {
    if (!text_.empty()) text_ += "; ";
    text_.append(key).append("=").append(value);
  }
  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

/// The part of LibTorch's version text that names the version: "… MKL-DNN v3.12.0 (Git Hash …)" → "3.12.0".
std::string first_version(const std::string& text) {
  for (std::size_t at = 0; (at = text.find_first_of("0123456789", at)) != std::string::npos;) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789.", at), text.size());
    if (text.substr(at, end - at).find('.') != std::string::npos) return text.substr(at, end - at);
    at = end;
  }
  return "none";
}

void add_variables(Line& line, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const char* value = std::getenv(name)) line.add(name, value);
}

/// Variables that make the libraries choose other kernels or fewer bits. oneDNN takes each of its own under two names.
void add_overrides(Line& line) {
  add_variables(line, {"ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ONEDNN_DEFAULT_FPMATH_MODE",
                       "DNNL_DEFAULT_FPMATH_MODE", "ONEDNN_CPU_ISA_HINTS", "DNNL_CPU_ISA_HINTS", "MKL_CBWR",
                       "MKL_ENABLE_INSTRUCTIONS", "MKL_DEBUG_CPU_TYPE"});
}

/// The same on a GPU, where TF32 has fewer bits and a workspace decides the order of sums.
void add_gpu_overrides(Line& line) {
  add_variables(line, {"NVIDIA_TF32_OVERRIDE", "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE", "CUBLAS_WORKSPACE_CONFIG"});
}

void add_gpu(Line& line, const at::Device& device) {
  const auto& hooks = at::detail::getCUDAHooks();
  line.add("gpu", cuda_device_name(device.index()));
  line.add("capability", cuda_device_capability(device.index()));
  line.add("driver", cuda_driver_version());
  line.add("cudart", std::to_string(hooks.versionCUDART()));
  line.add("cudnn", hooks.hasCuDNN() ? std::to_string(hooks.versionCuDNN()) : "none");
  add_gpu_overrides(line);
}

}  // namespace

std::string describe_environment(const at::Device& device, at::MemoryFormat order) {
  Line line;
  line.add("libtorch", TORCH_VERSION);
  line.add("onednn", first_version(at::get_mkldnn_version()));
  line.add("mkl", first_version(at::get_mkl_version()));
  line.add("aten", at::get_cpu_capability());
  line.add("cpu", processor_model());
  line.add("isa", instruction_sets());
  line.add("activations", memory_order_name(order));
  add_overrides(line);
  if (device.is_cuda()) add_gpu(line, device);
  return std::move(line).text();
}

}  // namespace qeval
