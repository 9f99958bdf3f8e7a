// Scheme tf (min-max), mode aimet-1.24: running minimum and maximum, then the grid of least width in double arithmetic.
#include <algorithm>
#include <cmath>

#include "stages/quant/analyzers/analyzers.h"
#include "stages/quant/analyzers/grid.h"
#include "stages/quant/analyzers/state_codec.h"
#include "stages/quant/histogram.h"

namespace qeval {
namespace {

constexpr double minimum_width = 0.01;
constexpr std::uint8_t state_version = 1;

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
    seen_ = 1;
    min_ = std::min(min_, range.min);
    max_ = std::max(max_, range.max);
  }

  Encoding compute(const QuantizerSettings& settings) const override {
    const int steps = grid_steps(settings);
    if (!seen_) return Encoding{.bits = 0};
    const double min = std::min(0.0, static_cast<double>(min_));
    const double max = std::max(std::max(0.0, static_cast<double>(max_)), min + minimum_width);
    const bool is_signed = min < 0 || !settings.unsigned_symmetric;
    Encoding encoding =
        settings.symmetric && is_signed ? symmetric_grid(min, max, steps) : asymmetric_grid(min, max, steps);
    encoding.bits = settings.bits;
    encoding.symmetric = settings.symmetric;
    return encoding;
  }

  std::vector<std::uint8_t> serialize() const override {
    StateWriter out(StateTag::tf_1_24, state_version);
    out.put(seen_);
    out.put(min_);
    out.put(max_);
    return out.take();
  }

  void restore(std::span<const std::uint8_t> state) override {
    StateReader in(state, StateTag::tf_1_24, state_version);
    seen_ = in.get<std::uint8_t>();
    min_ = in.get<float>();
    max_ = in.get<float>();
    in.expect_end();
  }

 private:
  std::uint8_t seen_ = 0;
  float min_ = std::numeric_limits<float>::infinity();
  float max_ = -std::numeric_limits<float>::infinity();
};

}  // namespace

std::unique_ptr<Observer> make_tf_1_24() { return std::make_unique<Tf124>(); }

}  // namespace qeval
