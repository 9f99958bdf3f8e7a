#include "stages/quant/analyzers/state_codec.h"

#include <array>

namespace qeval {
namespace {

struct Row {
  QuantScheme scheme;
  NumericsMode mode;
  StateTag tag;
};

using enum QuantScheme;
using enum NumericsMode;

constexpr std::array<Row, 20> rows{{
    {tf, aimet_1_24, StateTag::tf_1_24},
    {tf_enhanced, aimet_1_24, StateTag::tf_enhanced_1_24},
    {percentile, aimet_1_24, StateTag::percentile_1_24},
    {mse, aimet_1_24, StateTag::mse_1_24},
    {entropy, aimet_1_24, StateTag::entropy_1_24},
    {tf, aimet_1_31, StateTag::tf_1_31},
    {tf_enhanced, aimet_1_31, StateTag::tf_enhanced_1_31},
    {percentile, aimet_1_31, StateTag::percentile_1_31},
    {mse, aimet_1_31, StateTag::mse_1_31},
    {entropy, aimet_1_31, StateTag::entropy_1_31},
    {tf, aimet_2024, StateTag::tf_2024},
    {tf_enhanced, aimet_2024, StateTag::tf_enhanced_2024},
    {percentile, aimet_2024, StateTag::percentile_2024},
    {tf, aimet_onnx_2, StateTag::tf_onnx_2},
    {tf_enhanced, aimet_onnx_2, StateTag::tf_enhanced_onnx_2},
    {percentile, aimet_onnx_2, StateTag::percentile_onnx_2},
    {tf, aimet_torch_2, StateTag::tf_torch_2},
    {tf_enhanced, aimet_torch_2, StateTag::tf_enhanced_torch_2},
    {percentile, aimet_torch_2, StateTag::percentile_torch_2},
    {sqnr, aimet_torch_2, StateTag::sqnr_torch_2},
}};

}  // namespace

StateTag state_tag(QuantScheme scheme, NumericsMode mode) {
  for (const Row& row : rows)
    if (row.scheme == scheme && row.mode == mode) return row.tag;
  throw InternalError(missing_scheme_text(mode, scheme));
}

}  // namespace qeval
