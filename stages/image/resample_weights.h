#pragma once
/// The weights of one resize axis: which input pixels make each output pixel, in 22-bit fixed point.
///
/// Source: Pillow's Resample.c, precompute_coeffs and normalize_coeffs_8bpc. Computed in double, in Pillow's order of
/// operations; contraction to fused multiply-add must stay off, or the last bits differ.
/// Thread-safety: free functions without shared state.
#include <cstdint>
#include <vector>

#include "stages/image/pil_resize.h"

namespace qeval {

/// 32 bits less 8 for the byte and 2 of headroom.
inline constexpr int weight_bits = 22;

struct AxisWeights {
  struct Span {
    int first = 0;  ///< first input pixel
    int count = 0;  ///< input pixels used
  };
  std::vector<Span> spans;            ///< one for each output pixel
  std::vector<std::int32_t> weights;  ///< spans.size() · taps; weights past a span's count are 0
  int taps = 0;                       ///< room for each output pixel's weights

  const std::int32_t* of(std::size_t output) const { return weights.data() + output * taps; }
  int first_input() const { return spans.front().first; }
  int end_input() const { return spans.back().first + spans.back().count; }
};

/// Weights of the output pixels [first, first + count) of a resize from in_size to out_size pixels.
AxisWeights compute_axis_weights(int in_size, int out_size, int first, int count, ResizeFilter filter);

}  // namespace qeval
