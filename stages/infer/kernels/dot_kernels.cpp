#include <algorithm>

#include "pipeline/base/errors.h"
#include "stages/infer/kernels/dot_families.h"

namespace qeval {
namespace {

std::vector<const DotKernel*> present_kernels() {
  std::vector<const DotKernel*> kernels;
  kernels.push_back(&portable_dot_kernel);
  return kernels;
}

}  // namespace

std::span<const DotKernel* const> dot_kernels() {
  static const std::vector<const DotKernel*> kernels = present_kernels();
  return kernels;
}

const DotKernel* find_dot_kernel(std::string_view name) {
  const auto kernels = dot_kernels();
  const auto found = std::ranges::find_if(kernels, [&](const DotKernel* kernel) { return kernel->name == name; });
  return found == kernels.end() ? nullptr : *found;
}

const DotKernel& best_dot_kernel(int /*rows*/, int /*steps*/, DotIsa limit) {
  for (const DotKernel* kernel : dot_kernels())
    if (kernel->isa <= limit) return *kernel;
  throw InternalError("integer kernel: not even the portable one is there");
}

}  // namespace qeval
