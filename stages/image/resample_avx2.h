#pragma once
/// AVX2 versions of the resize loops. Call only where best_simd_level() is avx2, which it never is elsewhere than on
/// x86-64: there, no weights are packed and no bytes blended.
///
/// Weights are split as weight = high · 2^11 + low with both parts in 16 bits, so that the exact product-sum is two
/// 16-bit multiply-adds. Packed layout, for each output pixel and each group of 4 taps k0..k3: 16 high parts, then 16
/// low parts, each as {k0 k1 k0 k1 k0 k1 0 0, k2 k3 k2 k3 k2 k3 0 0}, which meets pixels shuffled to {r0 r1 g0 g1 b0 b1
/// …}.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "stages/image/resample_weights.h"

namespace qeval::avx2 {

/// Empty where a weight does not fit the split, which no filter of ours produces.
std::vector<std::int16_t> pack_weights(const AxisWeights& axis);

/// Bytes from a row's start that resample_row reads.
std::size_t readable_bytes(const AxisWeights& axis);

void resample_row(const std::uint8_t* in, const AxisWeights& axis, const std::int16_t* packed_weights,
                  std::uint8_t* out);

/// Blends as many leading bytes as fill whole vectors; returns how many.
std::size_t blend_rows(const std::uint8_t* in, std::size_t stride, const std::int32_t* weights, int count,
                       std::size_t byte_count, std::uint8_t* out);

}  // namespace qeval::avx2
