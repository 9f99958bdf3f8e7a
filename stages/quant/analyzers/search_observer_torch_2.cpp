// Schemes tf_enhanced and sqnr, mode aimet-torch-2: one search over two shapes of histogram. There is no unsigned
// symmetric grid in this mode.
#include <limits>

#include "stages/quant/analyzers/analyzers.h"
#include "stages/quant/analyzers/encoding_torch_2.h"
#include "stages/quant/analyzers/grid.h"
#include "stages/quant/analyzers/growing_histogram.h"
#include "stages/quant/analyzers/search_torch_2.h"

namespace qeval {
namespace {

GrowingHistogram histogram_of(QuantScheme scheme) {
  if (scheme == QuantScheme::sqnr) return {2048, std::numeric_limits<float>::infinity()};
  return {512, 3.0f};
}

class SearchTorch2 final : public Observer {
 public:
  explicit SearchTorch2(QuantScheme scheme)
      : tag_(state_tag(scheme, NumericsMode::aimet_torch_2)), histogram_(histogram_of(scheme)) {}

  void observe(std::span<const float> values) override { histogram_.observe(values); }
  bool defines_not_finite() const override { return true; }  // see GrowingHistogram::observe

  Encoding compute(const QuantizerSettings& settings) const override {
    const int steps = grid_steps(settings);
    if (histogram_.empty()) return Encoding{.bits = 0};
    const CandidateTorch2 best = search_torch_2(histogram_, steps, settings.symmetric);
    const float min = best.offset * best.delta;
    return encoding_torch_2(min, min + static_cast<float>(steps) * best.delta, settings);
  }

  std::vector<std::uint8_t> serialize() const override { return histogram_.serialize(tag_); }
  void restore(std::span<const std::uint8_t> state) override { histogram_.restore(state, tag_); }

 private:
  StateTag tag_;
  GrowingHistogram histogram_;
};

}  // namespace

std::unique_ptr<Observer> make_search_torch_2(QuantScheme scheme) { return std::make_unique<SearchTorch2>(scheme); }

}  // namespace qeval
