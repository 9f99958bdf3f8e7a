#include "stages/quant/arithmetic/exact_norm.h"

#include <cmath>

#include "stages/quant/arithmetic/exact_sums.h"
#include "stages/quant/arithmetic/quantized_parameter.h"

namespace qeval {
namespace {

constexpr double largest_double_sum = 9007199254740992;  // 2^53

std::vector<double> widened(const Tensor& tensor, std::size_t count, double otherwise) {
  if (!tensor.defined()) return std::vector<double>(count, otherwise);
  return {tensor.values().begin(), tensor.values().end()};
}

}  // namespace

ExactNorm exact_norm(const Tensor& weight, const Tensor& bias, const Node& norm) {
  const std::size_t channels = norm.variance.values().size();
  ExactNorm result{widened(weight, channels, 1), widened(bias, channels, 0)};
  for (std::size_t c = 0; c < channels; ++c) {
    result.factor[c] /= std::sqrt(double{norm.variance.values()[c]} + double{norm.epsilon});
    result.summand[c] -= norm.mean.values()[c] * result.factor[c];
  }
  return result;
}

std::optional<ExactLayerNorm> exact_layer_norm(const Graph& graph, const Node& node, const EncodingTable& encodings,
                                               NumericsMode mode) {
  if (node.op != Op::layer_norm) return std::nullopt;
  const auto grid = whole_grid_of_input(graph, node, encodings, mode);
  const auto count = static_cast<double>(node.weight.numel());
  if (!grid || std::pow(count * grid->largest(), 2) > largest_double_sum) return std::nullopt;
  const auto parameter = [&](const Tensor& tensor, int quantizer, double otherwise) {
    return widened(quantized_parameter(graph, tensor, quantizer, encodings, mode), static_cast<std::size_t>(count),
                   otherwise);
  };
  return ExactLayerNorm{grid->quantizer, grid->scale, node.epsilon, parameter(node.weight, node.weight_quantizer, 1),
                        parameter(node.bias, node.bias_quantizer, 0)};
}

}  // namespace qeval
