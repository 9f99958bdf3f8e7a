#include "stages/quant/overflow_protection.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "stages/quant/analyzers/encoding_torch_2.h"
#include "stages/quant/arithmetic/exact_sums.h"
#include "stages/quant/arithmetic/tensor_slices.h"

namespace qeval {
namespace {

/// Steps of a bias: 2^31, less a margin for rounding.
constexpr double bias_steps = 2147483648.0 - 32768;
const float smallest_requantization = static_cast<float>(std::pow(2.0, -23.5));

/// A layer's neighbours. Output absent: −1.
struct Surroundings {
  int input = -1, output = -1;
};

bool has_grid(int quantizer, const EncodingTable& table) {
  if (quantizer < 0) return false;
  const EncodingList& list = table[static_cast<std::size_t>(quantizer)];
  return list.size() == 1 && !list.front().float16;
}

/// What quantized the very tensor that the layer reads: aimet_torch looks at the tensor, which operators replace and
/// only dropouts hand on.
int quantizer_of_tensor(const Graph& graph, const Node& layer) {
  const Node* producer = &graph.nodes[static_cast<std::size_t>(layer.inputs[0])];
  while (producer->output_quantizer < 0 && producer->op == Op::dropout)
    producer = &graph.nodes[static_cast<std::size_t>(producer->inputs[0])];
  if (producer->output_quantizer >= 0) return producer->output_quantizer;
  return layer.input_quantizers.empty() ? -1 : layer.input_quantizers[0];
}

Surroundings surroundings_of(const Graph& graph, const Node& layer, NumericsMode mode, const EncodingTable& table) {
  const int input =
      mode == NumericsMode::aimet_torch_2 ? quantizer_of_tensor(graph, layer) : grid_of_input(graph, layer, table);
  return {has_grid(input, table) ? input : -1, has_grid(layer.output_quantizer, table) ? layer.output_quantizer : -1};
}

float against_bias(float scale, double bias, float input_scale) {
  return static_cast<float>(std::max<double>(scale, std::abs(bias / (bias_steps * static_cast<double>(input_scale)))));
}

class Protection {
 public:
  Protection(const Encoding& input, const Encoding* output, NumericsMode mode)
      : input_scale_(static_cast<float>(input.scale)), has_output_(output != nullptr) {
    if (!output) return;
    output_scale_ = static_cast<float>(output->scale);
    // aimet_torch's symmetric activations have signed codes, so their offset is 0.
    const bool is_signed = mode == NumericsMode::aimet_torch_2 && output->symmetric;
    output_shift_ = (is_signed ? 0 : static_cast<float>(output->offset)) * output_scale_;
  }

  float raised(float scale, float bias) const {
    scale = against_bias(scale, bias, input_scale_);
    if (!has_output_) return scale;
    scale = std::max(scale, smallest_requantization * output_scale_ / input_scale_);
    const float bias_scale = input_scale_ * scale;
    const float sum = std::nearbyint(bias / bias_scale) + std::nearbyint(output_shift_ / bias_scale);
    return against_bias(scale, sum * bias_scale, input_scale_);
  }

 private:
  float input_scale_, output_scale_ = 0, output_shift_ = 0;
  bool has_output_;
};

/// The biases that go with a weight's encodings; of one encoding for all the largest, without its sign.
std::vector<float> biases_of(const Node& layer, std::size_t encodings) {
  if (!layer.bias.defined()) return std::vector<float>(encodings);
  const auto values = layer.bias.values();
  if (encodings != 1) return {values.begin(), values.end()};
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::abs(value));
  return {largest};
}

/// A grid of another scale, at the same offset.
Encoding with_scale(const Encoding& old, float scale, NumericsMode mode) {
  const auto offset = static_cast<float>(old.offset);
  const float min = scale * offset, max = scale * (offset + static_cast<float>(highest_code(old)));
  if (mode == NumericsMode::aimet_torch_2)
    return encoding_torch_2(min, max, {old.bits, old.symmetric, is_strict_symmetric(old)});
  Encoding raised = old;
  raised.min = min;
  raised.max = max;
  raised.scale = scale;
  return raised;
}

bool in_several_blocks(const Graph& graph, const Node& layer) {
  const auto grid = parameter_slices(graph, layer.weight_quantizer).grid();
  return std::count_if(grid.begin(), grid.end(), [](std::int64_t size) { return size > 1; }) > 1;
}

void protect(const Graph& graph, const Node& layer, NumericsMode mode, EncodingTable& table) {
  EncodingList& weights = table[static_cast<std::size_t>(layer.weight_quantizer)];
  if (weights.empty() || weights.front().float16 || in_several_blocks(graph, layer)) return;
  const auto [input, output] = surroundings_of(graph, layer, mode, table);
  if (input < 0 || (output < 0 && mode == NumericsMode::aimet_torch_2)) return;
  const std::vector<float> biases = biases_of(layer, weights.size());
  if (biases.size() != weights.size()) return;
  const Protection protection(table[static_cast<std::size_t>(input)].front(),
                              output < 0 ? nullptr : &table[static_cast<std::size_t>(output)].front(), mode);
  for (std::size_t i = 0; i < weights.size(); ++i)
    weights[i] = with_scale(weights[i], protection.raised(static_cast<float>(weights[i].scale), biases[i]), mode);
}

}  // namespace

void protect_from_overflow(const Graph& graph, NumericsMode mode, EncodingTable& table) {
  if (is_before_2(mode)) return;
  std::map<int, const Node*> layers;  // of a module that is called twice the last call counts
  for (const Node& node : graph.nodes)
    if ((node.op == Op::conv || node.op == Op::conv_transpose || node.op == Op::linear) && node.weight_quantizer >= 0)
      layers[node.weight_quantizer] = &node;
  for (const auto& [quantizer, layer] : layers) protect(graph, *layer, mode, table);
}

}  // namespace qeval
