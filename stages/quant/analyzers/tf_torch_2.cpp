// Scheme tf (min-max), mode aimet-torch-2: f32 arithmetic, a smallest scale instead of a smallest width.
// There is no unsigned symmetric grid in this mode.
#include "stages/quant/analyzers/analyzers.h"
#include "stages/quant/analyzers/encoding_torch_2.h"
#include "stages/quant/analyzers/grid.h"
#include "stages/quant/analyzers/running_range.h"
#include "stages/quant/arithmetic/histogram.h"

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
    (void)grid_steps(settings);  // refuses widths out of range before anything else
    if (!range_.seen()) return Encoding{.bits = 0};
    RangeTorch2 range = min_max_range_torch_2(range_.min(), range_.max(), settings, true);
    if (settings.fixed_min) range.min = static_cast<float>(*settings.fixed_min);
    if (settings.fixed_max) range.max = static_cast<float>(*settings.fixed_max);
    return encoding_torch_2(range.min, range.max, settings);
  }

  std::vector<std::uint8_t> serialize() const override { return range_.serialize(StateTag::tf_torch_2); }

  void restore(std::span<const std::uint8_t> state) override { range_.restore(state, StateTag::tf_torch_2); }

 private:
  RunningRange range_;
};

}  // namespace

std::unique_ptr<Observer> make_tf_torch_2() { return std::make_unique<TfTorch2>(); }

}  // namespace qeval
