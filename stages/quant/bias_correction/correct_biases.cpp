#include "stages/quant/bias_correction/correct_biases.h"

#include <utility>

#include "stages/model/node_shapes.h"
#include "stages/quant/arithmetic/quantize.h"
#include "stages/quant/arithmetic/tensor_slices.h"
#include "stages/quant/bias_correction/correctable_layers.h"
#include "stages/quant/bias_correction/expected_values.h"

namespace qeval {
namespace {

class Corrector {
 public:
  Corrector(Graph& graph, const std::vector<FoldedPair>& folded, const EncodingTable& encodings, NumericsMode mode)
      : graph_(graph),
        encodings_(encodings),
        mode_(mode),
        expected_(expected_values(graph, folded)),
        shapes_(node_shapes(graph)) {}

  BiasCorrection run() {
    CorrectableLayers layers =
        correctable_layers(graph_, [this](int quantizer) { return is_on(quantizer, encodings_); });
    BiasCorrection result;
    result.left = std::move(layers.left);
    for (const std::size_t index : layers.nodes) {
      Node& node = graph_.nodes[index];
      if (std::string reason = refusal(node); !reason.empty()) {
        result.left.push_back({node.name, std::move(reason)});
        continue;
      }
      node.bias = corrected_bias(node, quantized_weight(node), expected_inputs(node));
      result.corrected.push_back(node.name);
    }
    return result;
  }

 private:
  const ExpectedValues& input_of(const Node& node) const { return expected_[static_cast<std::size_t>(node.inputs[0])]; }

  /// Why the layer keeps its bias; empty if it need not.
  std::string refusal(const Node& node) const {
    if (node.op == Op::conv_transpose) return "transposed convolution";  // its positions have different numbers of taps
    if (!node.bias.defined()) return "no bias";
    if (!input_of(node).unknown.empty()) return "fed by " + input_of(node).unknown;
    const auto channels = static_cast<std::int64_t>(input_of(node).channels.mean.size());
    const bool of_channels =
        node.op == Op::conv || last_axis_is_channels(shapes_[static_cast<std::size_t>(node.inputs[0])]);
    if (!of_channels || input_count(node) % channels != 0) return "fed by channels that are not its inputs";
    return "";
  }

  static std::int64_t input_count(const Node& node) {
    return node.weight.size(1) * (node.op == Op::conv ? node.window.groups : 1);
  }

  /// A flattened channel is several inputs of a linear layer.
  std::vector<double> expected_inputs(const Node& node) const {
    return repeated_to(input_of(node).channels, static_cast<std::size_t>(input_count(node))).mean;
  }

  std::vector<float> quantized_weight(const Node& node) const {
    std::vector<float> values(node.weight.values().begin(), node.weight.values().end());
    const Quantizer& quantizer = graph_.quantizers[static_cast<std::size_t>(node.weight_quantizer)];
    const TensorSlices slices(node.weight.shape(), granularity_of(quantizer));
    quantize_dequantize_slices(values, slices, encodings_[static_cast<std::size_t>(node.weight_quantizer)], mode_);
    return values;
  }

  Graph& graph_;
  const EncodingTable& encodings_;
  const NumericsMode mode_;
  const std::vector<ExpectedValues> expected_;
  const std::vector<Shape> shapes_;
};

}  // namespace

Tensor corrected_bias(const Node& layer, std::span<const float> quantized, std::span<const double> expected) {
  const auto outputs = static_cast<std::size_t>(layer.weight.size(0));
  const auto inputs = static_cast<std::size_t>(layer.weight.size(1));
  const std::size_t taps = quantized.size() / (outputs * inputs);
  const std::size_t outputs_per_group = outputs / (expected.size() / inputs);
  const auto weights = layer.weight.values();
  std::vector<float> biases(layer.bias.values().begin(), layer.bias.values().end());
  for (std::size_t o = 0; o < outputs; ++o) {
    const std::size_t first_input = o / outputs_per_group * inputs;
    double shift = 0;
    for (std::size_t i = 0; i < inputs * taps; ++i) {
      const std::size_t at = o * inputs * taps + i;
      shift += (double{quantized[at]} - double{weights[at]}) * expected[first_input + i / taps];
    }
    biases[o] = static_cast<float>(biases[o] - shift);
  }
  return Tensor(layer.bias.shape(), std::move(biases));
}

BiasCorrection correct_biases(Graph& graph, const std::vector<FoldedPair>& folded, const EncodingTable& encodings,
                              NumericsMode mode) {
  BiasCorrection result = Corrector(graph, folded, encodings, mode).run();
  graph.passes.push_back("bias_correction/1 corrected=" + joined(result.corrected, ","));
  return result;
}

std::vector<std::string> BiasCorrection::remarks() const {
  return pass_remarks("bias correction", "corrected", corrected, left);
}

}  // namespace qeval
