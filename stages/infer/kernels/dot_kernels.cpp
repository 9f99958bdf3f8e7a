#include <algorithm>

#include "pipeline/base/errors.h"
#include "stages/infer/kernels/dot_families.h"

namespace qeval {
namespace {

std::vector<const DotKernel*> present_kernels() {
  std::vector<const DotKernel*> kernels;
#if QEVAL_X86
  if (has_amx_int8()) kernels.push_back(&amx_dot_kernel);
  if (has_avx512_vnni()) kernels.push_back(&avx512_vnni_dot_kernel);
  if (has_avx_vnni()) kernels.push_back(&avx_vnni_dot_kernel);
  if (has_avx2()) kernels.push_back(&avx2_dot_kernel);
#endif
  kernels.push_back(&portable_dot_kernel);
  return kernels;
}

/// A tile of 16 outputs takes its time however few steps there are: as long as vectors take for 64 steps of 4 outputs,
/// or fewer of more (kernel_bench, on a processor with AMX and AVX512-VNNI).
bool vectors_are_faster(int rows, int steps) {
  const std::int64_t tiles = (rows + 15) / 16, quads = (rows + 3) / 4;
  return quads * steps <= 16 * tiles;
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

const DotKernel& best_dot_kernel(int rows, int steps, DotIsa limit) {
  for (const DotKernel* kernel : dot_kernels())
    if (kernel->isa <= limit && !(kernel->isa == DotIsa::amx && vectors_are_faster(rows, steps))) return *kernel;
  throw InternalError("integer kernel: not even the portable one is there");
}

}  // namespace qeval
