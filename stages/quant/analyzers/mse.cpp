// Scheme mse, modes aimet-1.24 and aimet-1.31: of all pairs of bin edges around zero, the range whose grid has the
// least mean squared error at the centres of the bins. Float arithmetic where AIMET has it, the order of sums included.
#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "stages/quant/analyzers/analyzers.h"
#include "stages/quant/analyzers/density.h"
#include "stages/quant/analyzers/grid.h"
#include "stages/quant/analyzers/min_max_grid.h"

namespace qeval {
namespace {

struct WeightedCenter {
  float value, share;
};

/// What the search looks at: edges inside the observed range, and one centre per interval between them.
struct EdgesAndCenters {
  std::vector<float> edges;
  std::vector<WeightedCenter> centers;
};

EdgesAndCenters edges_and_centers(const Density& density, Density::Range range) {
  const float width = density.step();
  const auto first = static_cast<float>(density.left(0));
  const auto last = static_cast<float>(density.left(density.bins() - 1) + width);
  EdgesAndCenters found;
  found.edges.push_back(range.min);
  // The edges are summed up, not multiplied, and rounding can stop the sum where the numbers are large.
  for (float edge = first; edge <= last && found.edges.size() <= density.bins() + 1; edge += width)
    if (edge >= range.min && edge <= range.max) found.edges.push_back(edge);
  float center = range.min + width / 2;
  for (std::size_t i = 0; i + 1 < found.edges.size(); ++i, center += width) {
    const int bin =
        std::clamp(to_int_x86(std::floor((center - first) / width)), 0, static_cast<int>(density.bins()) - 1);
    found.centers.push_back({center, static_cast<float>(density.probabilities()[static_cast<std::size_t>(bin)])});
  }
  return found;
}

float squared_error(const std::vector<WeightedCenter>& centers, Density::Range range,
                    const QuantizerSettings& settings) {
  const Encoding grid = min_max_grid(range.min, range.max, settings);
  float sum = 0;
  for (const auto& [value, share] : centers) {
    if (share == 0) continue;
    const float clamped = std::max(range.min, std::min(value, range.max));
    const int code = to_int_x86(std::round(clamped / grid.scale - grid.offset));
    const auto real = static_cast<float>(grid.scale * (code + grid.offset));
    const double error = value - real;
    sum = static_cast<float>(sum + share * (error * error));
  }
  return sum;
}

Density::Range best_range(const Density& density, const QuantizerSettings& settings) {
  Density::Range best = density.observed_range();
  best.max += density.step();
  const auto [edges, centers] = edges_and_centers(density, best);
  std::vector<float> minima, maxima;
  for (const float edge : edges) {
    if (edge < 0) minima.push_back(edge);
    if (edge > 0) maxima.push_back(edge);
  }
  minima.push_back(0);
  maxima.push_back(0);
  float least = std::numeric_limits<float>::max();
  for (const float min : minima)
    for (const float max : maxima) {
      if (min == 0 && max == 0) continue;  // no range
      const float found = squared_error(centers, {min, max}, settings);
      if (!(found < least)) continue;
      least = found;
      best = {min, max};
    }
  return best;
}

class Mse final : public Observer {
 public:
  explicit Mse(NumericsMode mode) : tag_(state_tag(QuantScheme::mse, mode)), density_(density_layout(mode)) {}

  void observe(std::span<const float> values) override { density_.observe(values); }

  Encoding compute(const QuantizerSettings& settings) const override {
    const int steps = grid_steps(settings);
    if (density_.only_zeros()) return labelled(grid_for_zeros(steps), settings);
    if (!density_.has_range()) return Encoding{.bits = 0};
    const auto [min, max] = best_range(density_, settings);
    return labelled(min_max_grid(std::min(min, 0.0f), std::max(max, 0.0f), settings), settings);
  }

  std::vector<std::uint8_t> serialize() const override { return density_.serialize(tag_); }
  void restore(std::span<const std::uint8_t> state) override { density_.restore(state, tag_); }

 private:
  StateTag tag_;
  Density density_;
};

}  // namespace

std::unique_ptr<Observer> make_mse(NumericsMode mode) { return std::make_unique<Mse>(mode); }

}  // namespace qeval
