// Scheme percentile, modes aimet-1.24 to aimet-onnx-2: bin edges that leave (100 − p) % of the values outside on each
// side.
#include <algorithm>
#include <numeric>
#include <vector>

#include "stages/quant/analyzers/analyzers.h"
#include "stages/quant/analyzers/density.h"
#include "stages/quant/analyzers/grid.h"
#include "stages/quant/analyzers/grid_onnx_2.h"
#include "stages/quant/analyzers/min_max_grid.h"

namespace qeval {
namespace {

/// Left edge of the lowest bin whose cumulative share reaches 1 − p; right edge of the highest bin below the observed
/// maximum whose cumulative share is short of p. Zero included.
Density::Range percentile_range(const Density& density, float percentile) {
  const Density::Range observed = density.observed_range();
  if (percentile == 100.0f) return observed;
  std::vector<double> sums(density.bins());
  std::partial_sum(density.probabilities().begin(), density.probabilities().end(), sums.begin());
  const float width = density.step();
  const float left_share = 1 - percentile / 100, right_share = percentile / 100;
  std::size_t low = 0;
  while (low < sums.size() && !(sums[low] >= left_share)) ++low;
  float min = static_cast<float>(density.left(low == sums.size() ? 0 : low));
  float max = static_cast<float>(density.left(sums.size() - 1) + width);
  for (std::size_t i = sums.size(); i-- > 0;)
    if (sums[i] < right_share && density.left(i) < observed.max) {
      max = static_cast<float>(density.left(i) + width);
      break;
    }
  if (min == max) max += width;
  return {std::min(min, 0.0f), std::max(max, 0.0f)};
}

class Percentile final : public Observer {
 public:
  explicit Percentile(NumericsMode mode)
      : mode_(mode), tag_(state_tag(QuantScheme::percentile, mode)), density_(density_layout(mode)) {}

  void observe(std::span<const float> values) override { density_.observe(values); }

  Encoding compute(const QuantizerSettings& settings) const override {
    const int steps = grid_steps(settings);
    if (density_.only_zeros()) return labelled(grid_for_zeros(steps), settings);
    if (!density_.has_range()) return Encoding{.bits = 0};
    const auto [min, max] = percentile_range(density_, static_cast<float>(settings.percentile));
    return labelled(mode_ == NumericsMode::aimet_onnx_2 ? min_max_grid_onnx_2(min, max, settings)
                                                        : min_max_grid(min, max, settings),
                    settings);
  }

  std::vector<std::uint8_t> serialize() const override { return density_.serialize(tag_); }
  void restore(std::span<const std::uint8_t> state) override { density_.restore(state, tag_); }

 private:
  NumericsMode mode_;
  StateTag tag_;
  Density density_;
};

}  // namespace

std::unique_ptr<Observer> make_percentile(NumericsMode mode) { return std::make_unique<Percentile>(mode); }

}  // namespace qeval
