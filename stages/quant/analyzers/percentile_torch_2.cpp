// Scheme percentile, mode aimet-torch-2: edges of the bins in which the cumulative count passes the shares.
#include <algorithm>
#include <limits>
#include <vector>

#include "stages/quant/analyzers/analyzers.h"
#include "stages/quant/analyzers/encoding_torch_2.h"
#include "stages/quant/analyzers/grid.h"
#include "stages/quant/analyzers/growing_histogram.h"

namespace qeval {
namespace {

constexpr std::size_t bins = 2048;

class PercentileTorch2 final : public Observer {
 public:
  void observe(std::span<const float> values) override { histogram_.observe(values); }
  bool defines_not_finite() const override { return true; }  // see GrowingHistogram::observe

  Encoding compute(const QuantizerSettings& settings) const override {
    (void)grid_steps(settings);  // refuses widths out of range before anything else
    if (histogram_.empty()) return Encoding{.bits = 0};
    std::size_t low = 0, high = bins;
    if (settings.percentile != 100) {
      // The shares are computed in double and meet the counts in f32, as Python numbers meet torch tensors.
      const std::vector<float> sums = cumulative_counts();
      low = lower_bound(sums, sums.back() * static_cast<float>(1 - settings.percentile / 100));
      high = lower_bound(sums, sums.back() * static_cast<float>(settings.percentile) / 100.0f);
    }
    const RangeTorch2 range = min_max_range_torch_2(histogram_.edge(low), histogram_.edge(high), settings, false);
    return encoding_torch_2(range.min, range.max, settings);
  }

  std::vector<std::uint8_t> serialize() const override { return histogram_.serialize(tag); }
  void restore(std::span<const std::uint8_t> state) override { histogram_.restore(state, tag); }

 private:
  static constexpr StateTag tag = StateTag::percentile_torch_2;

  /// torch.cumsum accumulates f32 on the CPU in double and rounds each sum.
  std::vector<float> cumulative_counts() const {
    std::vector<float> result;
    double sum = 0;
    for (const float count : histogram_.counts()) result.push_back(static_cast<float>(sum += count));
    return result;
  }
  static std::size_t lower_bound(const std::vector<float>& sums, float wanted) {
    return static_cast<std::size_t>(std::lower_bound(sums.begin(), sums.end(), wanted) - sums.begin());
  }

  GrowingHistogram histogram_{bins, std::numeric_limits<float>::infinity()};
};

}  // namespace

std::unique_ptr<Observer> make_percentile_torch_2() { return std::make_unique<PercentileTorch2>(); }

}  // namespace qeval
