#include <algorithm>

#include "pipeline/base/errors.h"
#include "stages/infer/kernels/dot_families.h"

namespace qeval {
namespace {

std::vector<const DotKernel*> present_kernels() {
  std::vector<const DotKernel*> kernels;
#if QEVAL_X86
  if (has_amx_int8()) kernels.insert(kernels.end(), {&amx_dot_kernel, &amx_narrow_dot_kernel});
  if (has_avx512_vnni()) kernels.push_back(&avx512_vnni_dot_kernel);
  if (has_avx_vnni()) kernels.push_back(&avx_vnni_dot_kernel);
  if (has_avx2()) kernels.push_back(&avx2_dot_kernel);
#endif
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

const DotKernel& best_dot_kernel(int rows, int /*steps*/, DotIsa limit) {
  const DotKernel* best = nullptr;
  for (const DotKernel* kernel : dot_kernels()) {
    if (kernel->isa > limit) continue;
    if (best != nullptr && kernel->isa < best->isa) break;
    // Of two with the same instructions, the one with the smaller tile where the larger one would be half empty.
    if (best == nullptr || rows <= kernel->outputs) best = kernel;
  }
  if (best == nullptr) throw InternalError("integer kernel: not even the portable one is there");
  return *best;
}

}  // namespace qeval
