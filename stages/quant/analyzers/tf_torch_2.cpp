// Scheme tf (min-max), mode aimet-torch-2: f32 arithmetic, a smallest scale instead of a smallest width.
// There is no unsigned symmetric grid in this mode.
#include <algorithm>
#include <cmath>

#include "stages/quant/analyzers/analyzers.h"
#include "stages/quant/analyzers/encoding_torch_2.h"
#include "stages/quant/analyzers/grid.h"
#include "stages/quant/analyzers/running_range.h"
#include "stages/quant/histogram.h"

namespace qeval {
namespace {

class TfTorch2 final : public Observer {
 public:
  void observe(std::span<const float> values) override {
    if (values.empty()) return;
    const ValueRange range = value_range(values);
    if (range.has_nan) throw RunError("the values to observe contain NaN; check the weights and the preprocessing");
    range_.fold(range);
  }

  Encoding compute(const QuantizerSettings& settings) const override {
    const int steps = grid_steps(settings);
    if (!range_.seen()) return Encoding{.bits = 0};
    const auto n = static_cast<float>(steps);
    float min = std::min(range_.min(), 0.0f);
    float max = std::max(range_.max(), 0.0f);
    const float widening = (max - min) / n < minimum_scale_torch_2 ? minimum_scale_torch_2 : 0.0f;
    if (settings.symmetric) {
      const auto negative = static_cast<float>(-symmetric_offset(steps));
      const auto positive = static_cast<float>(steps / 2);
      max += positive * widening;
      min -= negative * widening;
      const float delta = std::max(max / positive, -min / negative);
      min = -negative * delta;
      max = positive * delta;
    } else {
      max += n * widening;
    }
    constexpr float largest = std::numeric_limits<float>::max();
    return encoding_torch_2(std::max(min, -largest), std::min(max, largest), settings);
  }

  std::vector<std::uint8_t> serialize() const override { return range_.serialize(StateTag::tf_torch_2); }

  void restore(std::span<const std::uint8_t> state) override { range_.restore(state, StateTag::tf_torch_2); }

 private:
  RunningRange range_;
};

}  // namespace

std::unique_ptr<Observer> make_tf_torch_2() { return std::make_unique<TfTorch2>(); }

}  // namespace qeval
