#pragma once
/// Sums of products of unsigned codes and signed weights, exact in 32 bits, where each output channel has one input
/// channel: depthwise convolutions, four channels at a time. Thread-safety: free functions.
#include <cstdint>

#include "stages/infer/kernels/dot_kernel.h"

namespace qeval {

/// sums[c][p] = Σ over taps t of panel[t][p][c] · weights[t][c]: panel u8 [taps][pixels][4], weights s8 [taps][4], sums
/// s32 [4][pixels]. Pixels are a multiple of 16; panel and sums are aligned to 64. No sum may leave 32 bits.
using DepthwiseKernel = void (*)(const std::int8_t* weights, int taps, const std::uint8_t* panel, int pixels,
                                 std::int32_t* sums);

/// The fastest one here, of those up to `limit`.
DepthwiseKernel best_depthwise_kernel(DotIsa limit = DotIsa::amx);

}  // namespace qeval
