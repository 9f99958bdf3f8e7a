#include "stages/quant/analyzers/encoding_torch_2.h"

#include <cmath>

#include "stages/quant/analyzers/grid.h"

namespace qeval {

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

}  // namespace qeval
