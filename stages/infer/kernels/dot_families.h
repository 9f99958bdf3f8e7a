#pragma once
/// The kernels by themselves, whether or not this processor has them: for the list of those that it has.
#include "pipeline/base/processor.h"
#include "stages/infer/kernels/dot_kernel.h"

namespace qeval {

extern const DotKernel portable_dot_kernel;
#if QEVAL_X86
extern const DotKernel avx2_dot_kernel, avx_vnni_dot_kernel, avx512_vnni_dot_kernel, amx_dot_kernel;
#endif

}  // namespace qeval
