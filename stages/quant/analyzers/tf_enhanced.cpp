// Scheme tf_enhanced, modes aimet-1.24 to aimet-onnx-2: the grid of least expected error over the averaged density.
#include "stages/quant/analyzers/analyzers.h"
#include "stages/quant/analyzers/density.h"
#include "stages/quant/analyzers/grid.h"
#include "stages/quant/analyzers/grid_search.h"
#include "stages/quant/analyzers/min_max_grid.h"

namespace qeval {
namespace {

class TfEnhanced final : public Observer {
 public:
  explicit TfEnhanced(NumericsMode mode)
      : mode_(mode), tag_(state_tag(QuantScheme::tf_enhanced, mode)), density_(density_layout(mode)) {}

  void observe(std::span<const float> values) override { density_.observe(values); }

  Encoding compute(const QuantizerSettings& settings) const override {
    (void)grid_steps(settings);  // refuses widths out of range before anything else
    if (!density_.has_range() && !density_.only_zeros()) return Encoding{.bits = 0};
    return labelled(density_.only_zeros() ? grid_for_zeros((1 << settings.bits) - 1) : search(settings), settings);
  }

  std::vector<std::uint8_t> serialize() const override { return density_.serialize(tag_); }
  void restore(std::span<const std::uint8_t> state) override { density_.restore(state, tag_); }

 private:
  Encoding search(const QuantizerSettings& settings) const {
    const int steps = grid_steps(settings);
    const bool in_float = searches_in_float(mode_);
    const auto [min, max] = density_.observed_range();
    const auto candidates = settings.symmetric
                                ? symmetric_candidates(min, max, steps, settings.unsigned_symmetric, mode_)
                                : asymmetric_candidates(min, max, steps, mode_);
    const GridCandidate best = in_float ? best_candidate(CostTable<float>(density_, settings.bits), candidates)
                                        : best_candidate(CostTable<double>(density_, settings.bits), candidates);
    Encoding encoding;
    encoding.scale = best.delta;
    encoding.offset = best.offset;
    encoding.min = best.delta * static_cast<float>(best.offset);
    encoding.max = in_float ? static_cast<double>(best.delta * static_cast<float>(steps)) + encoding.min
                            : best.delta * (static_cast<float>(best.offset) + static_cast<float>(steps));
    return encoding;
  }

  NumericsMode mode_;
  StateTag tag_;
  Density density_;
};

}  // namespace

std::unique_ptr<Observer> make_tf_enhanced(NumericsMode mode) { return std::make_unique<TfEnhanced>(mode); }

}  // namespace qeval
