#pragma once
/// The depthwise kernels by themselves, whether or not this processor has them.
#include "pipeline/base/processor.h"
#include "stages/infer/kernels/depthwise_kernel.h"

namespace qeval {

void depthwise_portable(const std::int8_t* weights, int taps, const std::uint8_t* panel, int pixels,
                        std::int32_t* sums);
#if QEVAL_X86
void depthwise_avx2(const std::int8_t* weights, int taps, const std::uint8_t* panel, int pixels, std::int32_t* sums);
void depthwise_avx512_vnni(const std::int8_t* weights, int taps, const std::uint8_t* panel, int pixels,
                           std::int32_t* sums);
#endif

}  // namespace qeval
