#include "stages/infer/integer/requantize_kernels.h"

#include "stages/infer/integer/requantize_avx2.h"
#include "stages/infer/integer/requantize_avx512.h"
#include "stages/quant/arithmetic/isa_dispatch.h"

namespace qeval {

GuessKernels guess_kernels() {
#if QEVAL_X86
  switch (active_isa()) {
    case Isa::amx:
    case Isa::avx512: return {guess_quads_avx512, guess_sums_avx512};
    case Isa::avx_vnni:
    case Isa::avx2: return {guess_quads_avx2, guess_sums_avx2};
    case Isa::baseline: break;
  }
#endif
  return {nullptr, nullptr};
}

}  // namespace qeval
