#include "stages/quant/analyzers/grid_onnx_2.h"

#include <algorithm>
#include <cmath>

#include "stages/quant/analyzers/grid.h"

namespace qeval {
namespace {

constexpr double minimum_scale = 0x1p-23;

Encoding symmetric_grid(double min, double max, int steps) {
  const int positive = steps / 2;
  const int negative = steps - positive;
  const int divisor = steps == 3 ? positive + 1 : positive;
  Encoding encoding;
  encoding.scale = std::max({max / divisor, -min / negative, minimum_scale});
  encoding.offset = -negative;
  encoding.min = encoding.offset * encoding.scale;
  encoding.max = encoding.scale * positive;
  return encoding;
}

Encoding asymmetric_grid(double min, double max, int steps) {
  Encoding encoding;
  encoding.scale = std::max((max - min) / steps, minimum_scale);
  encoding.offset = offset_with_zero_code(min, max, encoding.scale, steps);
  encoding.min = encoding.scale * encoding.offset;
  encoding.max = encoding.scale * (encoding.offset + steps);
  return encoding;
}

}  // namespace

Encoding min_max_grid_onnx_2(double min, double max, const QuantizerSettings& settings) {
  const int steps = grid_steps(settings);
  min = std::min(min, 0.0);
  max = std::max(max, 0.0);
  const bool is_signed = min < 0 || !settings.unsigned_symmetric;
  return settings.symmetric && is_signed ? symmetric_grid(min, max, steps) : asymmetric_grid(min, max, steps);
}

}  // namespace qeval
