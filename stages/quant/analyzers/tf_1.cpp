// Scheme tf (min-max), modes up to aimet-2024: running minimum and maximum, then the grid of least width.
#include <algorithm>

#include "stages/quant/analyzers/analyzers.h"
#include "stages/quant/analyzers/grid.h"
#include "stages/quant/analyzers/min_max_grid.h"
#include "stages/quant/analyzers/running_range.h"

namespace qeval {
namespace {

constexpr double minimum_width = 0.01;

class Tf1 final : public Observer {
 public:
  explicit Tf1(NumericsMode mode) : tag_(state_tag(QuantScheme::tf, mode)) {}

  void observe(std::span<const float> values) override {
    if (!values.empty()) range_.fold(value_range(values));
  }

  Encoding compute(const QuantizerSettings& settings) const override {
    (void)grid_steps(settings);  // refuses widths out of range before anything else
    if (!range_.seen()) return Encoding{.bits = 0};
    const double min = std::min(0.0, static_cast<double>(range_.min()));
    const double max = std::max(std::max(0.0, static_cast<double>(range_.max())), min + minimum_width);
    return labelled(min_max_grid(min, max, settings), settings);
  }

  std::vector<std::uint8_t> serialize() const override { return range_.serialize(tag_); }
  void restore(std::span<const std::uint8_t> state) override { range_.restore(state, tag_); }

 private:
  StateTag tag_;
  RunningRange range_;
};

}  // namespace

std::unique_ptr<Observer> make_tf_1(NumericsMode mode) { return std::make_unique<Tf1>(mode); }

}  // namespace qeval
