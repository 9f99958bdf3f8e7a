// Scheme tf (min-max), mode aimet-1.24: running minimum and maximum, then the grid of least width in double arithmetic.
#include <algorithm>
#include <cmath>

#include "stages/quant/analyzers/analyzers.h"
#include "stages/quant/analyzers/grid.h"
#include "stages/quant/analyzers/running_range.h"
#include "stages/quant/histogram.h"

namespace qeval {
namespace {

constexpr double minimum_width = 0.01;

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
  if (min < 0 && max > 0)
    encoding.offset = -std::clamp(std::round(-min / encoding.scale), 0.0, static_cast<double>(steps));
  else
    encoding.offset = std::round(min / encoding.scale);
  encoding.min = encoding.scale * encoding.offset;
  encoding.max = max - min + encoding.min;
  return encoding;
}

class Tf124 final : public Observer {
 public:
  void observe(std::span<const float> values) override {
    if (values.empty()) return;
    const ValueRange range = value_range(values);
    range_.fold(range);
  }

  Encoding compute(const QuantizerSettings& settings) const override {
    const int steps = grid_steps(settings);
    if (!range_.seen()) return Encoding{.bits = 0};
    const double min = std::min(0.0, static_cast<double>(range_.min()));
    const double max = std::max(std::max(0.0, static_cast<double>(range_.max())), min + minimum_width);
    const bool is_signed = min < 0 || !settings.unsigned_symmetric;
    Encoding encoding =
        settings.symmetric && is_signed ? symmetric_grid(min, max, steps) : asymmetric_grid(min, max, steps);
    encoding.bits = settings.bits;
    encoding.symmetric = settings.symmetric;
    return encoding;
  }

  std::vector<std::uint8_t> serialize() const override { return range_.serialize(StateTag::tf_1_24); }

  void restore(std::span<const std::uint8_t> state) override { range_.restore(state, StateTag::tf_1_24); }

 private:
  RunningRange range_;
};

}  // namespace

std::unique_ptr<Observer> make_tf_1_24() { return std::make_unique<Tf124>(); }

}  // namespace qeval
