// Scheme tf_enhanced, mode aimet-torch-2. There is no unsigned symmetric grid in this mode.
#include "stages/quant/analyzers/analyzers.h"
#include "stages/quant/analyzers/encoding_torch_2.h"
#include "stages/quant/analyzers/grid.h"
#include "stages/quant/analyzers/growing_histogram.h"
#include "stages/quant/analyzers/search_torch_2.h"

namespace qeval {
namespace {

class TfEnhancedTorch2 final : public Observer {
 public:
  void observe(std::span<const float> values) override { histogram_.observe(values); }

  Encoding compute(const QuantizerSettings& settings) const override {
    const int steps = grid_steps(settings);
    if (histogram_.empty()) return Encoding{.bits = 0};
    const CandidateTorch2 best = search_torch_2(histogram_, steps, settings.symmetric);
    const float min = best.offset * best.delta;
    return encoding_torch_2(min, min + static_cast<float>(steps) * best.delta, settings);
  }

  std::vector<std::uint8_t> serialize() const override { return histogram_.serialize(); }
  void restore(std::span<const std::uint8_t> state) override { histogram_.restore(state); }

 private:
  GrowingHistogram histogram_;
};

}  // namespace

std::unique_ptr<Observer> make_tf_enhanced_torch_2() { return std::make_unique<TfEnhancedTorch2>(); }

}  // namespace qeval
