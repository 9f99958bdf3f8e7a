// Scheme tf_enhanced, mode aimet-1.24: the grid of least expected error over the averaged 512-bin density.
#include <algorithm>
#include <cmath>

#include "stages/quant/analyzers/analyzers.h"
#include "stages/quant/analyzers/density_1_24.h"
#include "stages/quant/analyzers/grid.h"
#include "stages/quant/analyzers/search_1_24.h"

namespace qeval {
namespace {

constexpr float minimum_width = 0.01f;

struct ObservedRange {
  float min, max;
};

/// Left edges of the lowest and the highest non-empty bin (the search from above stops before bin 0), with zero inside.
ObservedRange observed_range(const Density124& density) {
  const auto& p = density.probabilities();
  std::size_t lowest = 0;
  while (lowest < histogram_bins && !(p[lowest] > 0)) ++lowest;
  std::size_t highest = histogram_bins - 1;
  while (highest > 0 && !(p[highest] > 0)) --highest;
  const float min = std::min(density.left(lowest == histogram_bins ? 0 : lowest), 0.0f);
  const float max = std::max(density.left(highest == 0 ? histogram_bins - 1 : highest), 0.0f);
  return {min, std::max(max, min + minimum_width)};
}

/// Data that were all zero get a range of two around zero; strict grids are not treated specially.
Encoding grid_for_zeros(int bits) {
  const double steps = (1 << bits) - 1;
  Encoding encoding;
  encoding.scale = 2.0 / steps;
  encoding.offset = std::floor(-1.0 / encoding.scale);
  encoding.min = encoding.offset * encoding.scale;
  encoding.max = encoding.min + encoding.scale * steps;
  return encoding;
}

Encoding search(const Density124& density, const QuantizerSettings& settings) {
  const int steps = grid_steps(settings);
  const auto [min, max] = observed_range(density);
  const auto candidates = settings.symmetric
                              ? symmetric_candidates(min, max, steps, settings.unsigned_symmetric)
                              : asymmetric_candidates(min, max, steps);
  const Candidate124 best = best_candidate(CostTable124(density, settings.bits), candidates);
  Encoding encoding;
  encoding.scale = best.delta;
  encoding.offset = best.offset;
  encoding.min = best.delta * static_cast<float>(best.offset);
  encoding.max = static_cast<double>(best.delta * static_cast<float>(steps)) + encoding.min;
  return encoding;
}

class TfEnhanced124 final : public Observer {
 public:
  void observe(std::span<const float> values) override { density_.observe(values); }

  Encoding compute(const QuantizerSettings& settings) const override {
    if (!density_.has_range() && !density_.only_zeros()) return Encoding{.bits = 0};
    Encoding encoding = density_.only_zeros() ? grid_for_zeros(settings.bits) : search(density_, settings);
    encoding.bits = settings.bits;
    encoding.symmetric = settings.symmetric;
    return encoding;
  }

  std::vector<std::uint8_t> serialize() const override { return density_.serialize(); }
  void restore(std::span<const std::uint8_t> state) override { density_.restore(state); }

 private:
  Density124 density_;
};

}  // namespace

std::unique_ptr<Observer> make_tf_enhanced_1_24() { return std::make_unique<TfEnhanced124>(); }

}  // namespace qeval
