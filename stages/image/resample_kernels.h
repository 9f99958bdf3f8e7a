#pragma once
/// The inner loops of resizing: one output row from one input row (across) or from several (down).
///
/// Every instruction set gives the same bytes: all arithmetic is exact in 32-bit integers.
/// Thread-safety: RowResampler is immutable after construction; blend_rows has no state.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "stages/image/resample_weights.h"

namespace qeval {

enum class SimdLevel { portable, avx2 };

/// The widest level this processor runs.
SimdLevel best_simd_level();

/// Makes output rows from input rows of RGB bytes.
class RowResampler {
 public:
  /// `axis` is borrowed and must outlive the object.
  RowResampler(const AxisWeights& axis, SimdLevel level);

  /// in: RGB row holding all of the axis' input pixels, of which `readable` bytes from its start may be read.
  /// out: 3 bytes for each of the axis' output pixels.
  void run(const std::uint8_t* in, std::size_t readable, std::uint8_t* out) const;

 private:
  const AxisWeights& axis_;
  std::size_t avx2_readable_bytes_ = 0;       ///< what the AVX2 loop reads of a row
  std::vector<std::int16_t> packed_weights_;  ///< layout: see resample_avx2.h; empty = portable loop
};

/// out[x] = Σ weights[i] · in[i · stride + x], rounded and clamped, for x < byte_count.
void blend_rows(const std::uint8_t* in, std::size_t stride, const std::int32_t* weights, int count,
                std::size_t byte_count, std::uint8_t* out, SimdLevel level);

/// Rounds a weighted sum of bytes to a byte.
inline std::uint8_t round_weighted_sum(std::int32_t sum) {
  const std::int32_t value = (sum + (1 << (weight_bits - 1))) >> weight_bits;
  return static_cast<std::uint8_t>(value < 0 ? 0 : value > 255 ? 255 : value);
}

}  // namespace qeval
