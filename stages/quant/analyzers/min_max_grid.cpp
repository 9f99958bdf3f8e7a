#include "stages/quant/analyzers/min_max_grid.h"

#include <algorithm>
#include <cmath>

#include "stages/quant/analyzers/grid.h"

namespace qeval {
namespace {

Encoding symmetric_grid(double min, double max, int steps) {
  const double positive = std::floor(steps / 2.0);
  Encoding encoding;
  encoding.scale = std::max(std::abs(max), std::abs(min)) / positive;
  encoding.offset = -std::ceil(steps / 2.0);
  encoding.min = encoding.offset * encoding.scale;
  encoding.max = encoding.scale * positive;
  return encoding;
}

/// The range is moved so that zero is a code.
Encoding asymmetric_grid(double min, double max, int steps) {
  Encoding encoding;
  encoding.scale = (max - min) / steps;
  encoding.offset = offset_with_zero_code(min, max, encoding.scale, steps);
  encoding.min = encoding.scale * encoding.offset;
  encoding.max = max - min + encoding.min;
  return encoding;
}

}  // namespace

Encoding min_max_grid(double min, double max, const QuantizerSettings& settings) {
  const int steps = grid_steps(settings);
  const bool is_signed = min < 0 || !settings.unsigned_symmetric;
  return settings.symmetric && is_signed ? symmetric_grid(min, max, steps) : asymmetric_grid(min, max, steps);
}

Encoding grid_for_zeros(int steps) {
  Encoding encoding;
  encoding.scale = 2.0 / steps;
  encoding.offset = std::floor(-1.0 / encoding.scale);
  encoding.min = encoding.offset * encoding.scale;
  encoding.max = encoding.min + encoding.scale * steps;
  return encoding;
}

}  // namespace qeval
