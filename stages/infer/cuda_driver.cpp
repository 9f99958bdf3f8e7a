#include "stages/infer/cuda_driver.h"

#include <dlfcn.h>

#include <array>

namespace qeval {
namespace {

constexpr const char* unknown = "unknown";
// Values of the driver's ABI (cuda.h), fixed since CUDA 1.
constexpr int success = 0;
constexpr int compute_capability_major = 75, compute_capability_minor = 76;

template <class... Arguments>
bool ask(const char* function, Arguments... arguments) {
  static void* const library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) return false;
  auto* const entry = reinterpret_cast<int (*)(Arguments...)>(dlsym(library, function));
  return entry && entry(arguments...) == success;
}

bool find_device(int index, int& device) { return ask("cuInit", 0u) && ask("cuDeviceGet", &device, index); }

}  // namespace

int cuda_device_count() {
  int count = 0;
  return ask("cuInit", 0u) && ask("cuDeviceGetCount", &count) ? count : 0;
}

std::string cuda_device_name(int index) {
  int device = 0;
  std::array<char, 128> name{};
  if (!find_device(index, device) || !ask("cuDeviceGetName", name.data(), static_cast<int>(name.size()), device))
    return unknown;
  return name.data();
}

std::string cuda_driver_version() {
  int version = 0;
  if (!ask("cuDriverGetVersion", &version)) return unknown;
  return std::to_string(version / 1000) + "." + std::to_string(version % 1000 / 10);
}

std::string cuda_device_capability(int index) {
  int device = 0, major = 0, minor = 0;
  if (!find_device(index, device) || !ask("cuDeviceGetAttribute", &major, compute_capability_major, device) ||
      !ask("cuDeviceGetAttribute", &minor, compute_capability_minor, device))
    return unknown;
  return std::to_string(major) + "." + std::to_string(minor);
}

}  // namespace qeval
