#include "stages/quant/analyzers/encoding_torch_2.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stages/quant/analyzers/grid.h"

namespace qeval {

RangeTorch2 min_max_range_torch_2(float min, float max, const QuantizerSettings& settings, bool spare_code) {
  const int steps = grid_steps(settings);
  const auto n = static_cast<float>(steps);
  min = std::min(min, 0.0f);
  max = std::max(max, 0.0f);
  const float widening = (max - min) / n < minimum_scale_torch_2 ? minimum_scale_torch_2 : 0.0f;
  if (settings.symmetric) {
    const auto negative = static_cast<float>(-symmetric_offset(steps));
    const int above_zero = steps / 2;
    const auto positive = static_cast<float>(above_zero);
    max += positive * widening;
    min -= negative * widening;
    const float divisor = spare_code && steps == 3 ? positive + 1 : positive;
    const float delta = std::max(max / divisor, -min / negative);
    min = -negative * delta;
    max = positive * delta;
  } else {
    max += n * widening;
  }
  constexpr float largest = std::numeric_limits<float>::max();
  return {std::max(min, -largest), std::min(max, largest)};
}

Encoding encoding_torch_2(float min, float max, const QuantizerSettings& settings) {
  const int steps = grid_steps(settings);
  const float scale = (max - min) / static_cast<float>(steps);
  const float offset = settings.symmetric ? static_cast<float>(symmetric_offset(steps)) : std::nearbyint(min / scale);
  Encoding encoding;
  encoding.scale = scale;
  encoding.offset = offset;
  encoding.min = scale * offset;
  encoding.max = scale * (offset + static_cast<float>(steps));
  encoding.bits = settings.bits;
  encoding.symmetric = settings.symmetric;
  return encoding;
}

Encoding encoding_of_scale_torch_2(float scale, const QuantizerSettings& settings) {
  const int steps = grid_steps(settings), lowest = symmetric_offset(steps);
  return encoding_torch_2(scale * static_cast<float>(lowest), scale * static_cast<float>(lowest + steps), settings);
}

}  // namespace qeval
