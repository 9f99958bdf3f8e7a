#include "tests/infer/graph_fixture.h"

#include <cmath>
#include <random>

#include "stages/infer/executor_library.h"

namespace qeval::test {

std::vector<float> numbers(std::int64_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = (static_cast<float>(generator() >> 8) / 8388608.0f - 1.0f) * 2.0f;
  return values;
}

Tensor random_tensor(std::vector<std::int64_t> shape, unsigned seed, float scale) {
  std::int64_t count = 1;
  for (auto side : shape) count *= side;
  auto values = numbers(count, seed);
  for (float& value : values) value *= scale;
  return {std::move(shape), std::move(values)};
}

GraphBuilder::GraphBuilder(std::array<int, 3> input_shape) {
  graph_.arch = "test";
  graph_.input_shape = input_shape;
  Node input;
  input.op = Op::input;
  input.name = "input";
  graph_.nodes.push_back(input);
}

int GraphBuilder::node(Op op, std::vector<int> inputs, Window window) {
  Node node;
  node.op = op;
  node.name = node.module = std::string(op_name(op)) + std::to_string(graph_.nodes.size());
  node.inputs = std::move(inputs);
  node.input_quantizers.assign(node.inputs.size(), -1);
  node.window = window;
  graph_.nodes.push_back(std::move(node));
  return static_cast<int>(graph_.nodes.size()) - 1;
}

int GraphBuilder::conv(int input, int channels_in, int channels_out, Window window, unsigned seed, bool bias) {
  const int index = node(Op::conv, {input}, window);
  at(index).weight =
      random_tensor({channels_out, channels_in / window.groups, window.kernel[0], window.kernel[1]}, seed, 0.3f);
  if (bias) at(index).bias = random_tensor({channels_out}, seed + 1);
  return index;
}

int GraphBuilder::add_quantizer(QuantizerRole role, const std::string& module, bool per_channel) {
  Quantizer quantizer;
  quantizer.role = role;
  quantizer.module = module;
  quantizer.per_channel = per_channel;
  quantizer.call_sites = 1;
  if (role == QuantizerRole::param) quantizer.parameter = "weight";
  graph_.quantizers.push_back(quantizer);
  return static_cast<int>(graph_.quantizers.size()) - 1;
}

int GraphBuilder::quantize_output(int index) {
  return at(index).output_quantizer = add_quantizer(QuantizerRole::output, at(index).module, false);
}

int GraphBuilder::quantize_input(int index, std::size_t input) {
  return at(index).input_quantizers[input] = add_quantizer(QuantizerRole::input, at(index).module, false);
}

int GraphBuilder::quantize_weight(int index, bool per_channel, int channel_axis, int block_size) {
  const int quantizer = add_quantizer(QuantizerRole::param, at(index).module, per_channel);
  graph_.quantizers.back().channel_axis = channel_axis;
  graph_.quantizers.back().block_size = block_size;
  return at(index).weight_quantizer = quantizer;
}

Graph GraphBuilder::finish(int input, int channels, int classes) {
  const int flat = node(Op::flatten, {node(Op::global_avg_pool, {input})});
  const int linear = node(Op::linear, {flat});
  at(linear).weight = random_tensor({classes, channels}, 900);
  at(linear).bias = random_tensor({classes}, 901);
  graph_.num_classes = classes;
  return graph_;
}

Graph GraphBuilder::finish_flat(int input, int classes) {
  node(Op::flatten, {input});
  graph_.num_classes = classes;
  return graph_;
}

Encoding encoding(double min, double max, int bits) {
  const double scale = (max - min) / ((1 << bits) - 1);
  return {min, max, scale, std::nearbyint(min / scale), bits, false};
}

std::unique_ptr<Executor> make_float(const Graph& graph) { return make_executor(graph, {}, {"float", "cpu"}); }

std::unique_ptr<Executor> make_simulated(const Graph& graph, const EncodingTable& table, NumericsMode mode) {
  return make_executor(graph, table, {"simulated", "cpu", mode});
}

std::vector<float> logits_of(const Executor& executor, const Graph& graph, const std::vector<float>& images, int n) {
  std::vector<float> logits(static_cast<std::size_t>(n) * static_cast<std::size_t>(graph.num_classes));
  executor.infer(images, n, logits);
  return logits;
}

std::vector<float> images_for(const Graph& graph, int n, unsigned seed) {
  const auto [channels, height, width] = graph.input_shape;
  return numbers(std::int64_t{n} * channels * height * width, seed);
}

}  // namespace qeval::test
