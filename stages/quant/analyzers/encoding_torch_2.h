#pragma once
/// How aimet_torch 2 derives scale and offset from a range, in f32: scale = (max − min)/n, offset = round_half_even.
/// The encoding's own min and max are those of its grid, scale·offset and scale·(offset + n), as aimet_torch exports
/// them.
#include "stages/quant/analyzers/observer.h"

namespace qeval {

/// The smallest scale for grids of up to 16 bits: f32's epsilon.
inline constexpr float minimum_scale_torch_2 = 0x1p-23f;

struct RangeTorch2 {
  float min, max;
};

/// The range with zero inside, at least n smallest scales wide, and of a symmetric grid's shape.
/// `spare_code`: a 2-bit symmetric grid lets the top be clipped by up to one step, so that no code is wasted (min-max).
RangeTorch2 min_max_range_torch_2(float min, float max, const QuantizerSettings& settings, bool spare_code);

Encoding encoding_torch_2(float min, float max, const QuantizerSettings& settings);

/// Symmetric: of the range that a scale gives.
Encoding encoding_of_scale_torch_2(float scale, const QuantizerSettings& settings);

}  // namespace qeval
