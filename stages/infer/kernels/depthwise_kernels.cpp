#include "stages/infer/kernels/depthwise_families.h"

namespace qeval {

DepthwiseKernel best_depthwise_kernel(DotIsa limit) {
#if QEVAL_X86
  if (limit >= DotIsa::avx512_vnni && has_avx512_vnni()) return depthwise_avx512_vnni;
  if (limit >= DotIsa::avx2 && has_avx2()) return depthwise_avx2;
#endif
  (void)limit;
  return depthwise_portable;
}

}  // namespace qeval
