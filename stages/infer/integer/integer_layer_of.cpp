#include "stages/infer/integer/integer_layer_of.h"

#include "stages/quant/arithmetic/histogram.h"
#include "stages/quant/arithmetic/quantized_parameter.h"

namespace qeval {
namespace {

std::string why_no_exact_sums(const Graph& graph, const Node& node, const EncodingTable& encodings) {
  if (!is_on(node.weight_quantizer, encodings)) return "its weights are not quantized";
  if (grid_of_whole_input(graph, node, encodings) < 0) return "its input is on no quantizer's grid";
  return "its weights or its input are on no grid of whole numbers whose sums stay below 2^31";
}

/// Σ i·j = Σ code·j + offset · Σ j.
ChannelScales channel_scales(const ExactSums& sums, float offset, const Tensor& bias) {
  const auto outputs = static_cast<std::size_t>(sums.weight.size(0));
  const std::size_t run = sums.weight.values().size() / outputs;
  ChannelScales channels;
  for (std::size_t c = 0; c < outputs; ++c) {
    std::int32_t sum = 0;
    for (std::size_t i = 0; i < run; ++i) sum += static_cast<std::int32_t>(sums.weight.values()[c * run + i]);
    channels.start.push_back(static_cast<std::int32_t>(offset) * sum);
    channels.scale.push_back(sums.scales[sums.scales.size() == 1 ? 0 : c]);
  }
  channels.has_bias = bias.defined();
  channels.bias.resize(outputs);
  if (channels.has_bias) channels.bias.assign(bias.values().begin(), bias.values().end());
  return channels;
}

}  // namespace

std::variant<IntegerLayer, std::string> integer_layer_of(const Graph& graph, const Node& node,
                                                         const EncodingTable& encodings, NumericsMode mode) {
  const auto sums = exact_sums(graph, node, encodings, mode);
  if (!sums) return why_no_exact_sums(graph, node, encodings);
  const auto input = code_meaning(encodings[static_cast<std::size_t>(sums->input_quantizer)].front(), mode);
  if (!input) return "its input's codes do not fit into 8 bits";

  IntegerLayer layer;
  if (node.op == Op::conv) layer.window = node.window;
  layer.zero_code = input->zero_code();
  std::vector<std::int8_t> weight;
  for (const float value : sums->weight.values()) {
    if (value < -128 || value > 127) return "its weights' codes do not fit into signed 8 bits";
    weight.push_back(static_cast<std::int8_t>(value));
  }
  layer.weight = std::make_shared<const std::vector<std::int8_t>>(std::move(weight));
  const Tensor bias = quantized_parameter(graph, node.bias, node.bias_quantizer, encodings, mode);
  layer.channels = channel_scales(*sums, input->grid.offset, bias);
  if (!all_finite(layer.channels.bias) || !all_finite(layer.channels.scale))
    return "its bias or its scales are not finite";
  return layer;
}

}  // namespace qeval
