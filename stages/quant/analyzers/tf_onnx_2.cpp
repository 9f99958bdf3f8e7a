// Scheme tf (min-max), mode aimet-onnx-2: double arithmetic, a smallest scale instead of a smallest width.
#include <algorithm>
#include <cmath>

#include "stages/quant/analyzers/analyzers.h"
#include "stages/quant/analyzers/grid.h"
#include "stages/quant/analyzers/grid_onnx_2.h"
#include "stages/quant/analyzers/running_range.h"

namespace qeval {
namespace {

class TfOnnx2 final : public Observer {
 public:
  void observe(std::span<const float> values) override {
    if (!values.empty()) range_.fold(value_range(values));
  }

  Encoding compute(const QuantizerSettings& settings) const override {
    (void)grid_steps(settings);  // refuses widths out of range before anything else
    if (!range_.seen()) return Encoding{.bits = 0};
    return labelled(min_max_grid_onnx_2(range_.min(), range_.max(), settings), settings);
  }

  std::vector<std::uint8_t> serialize() const override { return range_.serialize(StateTag::tf_onnx_2); }
  void restore(std::span<const std::uint8_t> state) override { range_.restore(state, StateTag::tf_onnx_2); }

 private:
  RunningRange range_;
};

}  // namespace

std::unique_ptr<Observer> make_tf_onnx_2() { return std::make_unique<TfOnnx2>(); }

}  // namespace qeval
