// Two networks side by side, layer by layer: against plain executors of what comes before a layer, and what empirical
// bias correction is for, equal means.
#include "stages/infer/layerwise_executor.h"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "stages/infer/executor_library.h"
#include "stages/quant/bias_correction/correctable_layers.h"
#include "tests/infer/graph_fixture.h"

namespace qeval::test {
namespace {

constexpr int batch = 3;
constexpr std::size_t batches = 4;
const ExecutorOptions options{"simulated", "cpu", NumericsMode::aimet_torch_2};

struct Network {
  Graph graph;
  EncodingTable table;
  std::vector<std::size_t> layers;
};

/// A residual network whose weights have four bits. Quantized activations would change its sums too, if they counted.
Network make_network() {
  GraphBuilder builder({3, 8, 8});
  const Window window{.kernel = {3, 3}, .stride = {1, 1}, .padding = {1, 1, 1, 1}, .dilation = {1, 1}};
  builder.quantize_output(0);
  const int conv1 = builder.conv(0, 3, 4, window, 1);
  const int relu1 = builder.node(Op::relu, {conv1});
  builder.quantize_output(relu1);
  const int conv2 = builder.conv(relu1, 4, 4, window, 5, false);
  const int sum = builder.node(Op::add, {conv2, relu1});
  const int relu2 = builder.node(Op::relu6, {sum});
  for (const int conv : {conv1, conv2}) builder.quantize_weight(conv, conv == conv2);
  Network network{builder.finish(relu2, 4, 5), {}, {}};
  Node& linear = network.graph.nodes.back();
  linear.weight_quantizer = static_cast<int>(network.graph.quantizers.size());
  Quantizer quantizer;
  quantizer.role = QuantizerRole::param;
  quantizer.module = linear.module;
  quantizer.parameter = "weight";
  network.graph.quantizers.push_back(quantizer);
  for (const Quantizer& each : network.graph.quantizers)
    network.table.push_back(EncodingList(each.per_channel ? 4 : 1, encoding(-0.5, 0.5, 4)));
  network.layers = correctable_layers(network.graph, [](int) { return true; }).nodes;
  return network;
}

std::vector<float> images_of(const Graph& graph, std::size_t number) {
  return images_for(graph, batch, 40 + static_cast<unsigned>(number));
}

std::unique_ptr<LayerwiseExecutor> make(const Network& network, std::int64_t bytes = layerwise_bytes) {
  auto executor = make_layerwise_executor(network.graph, network.table, batches, bytes, options);
  for (std::size_t number = 0; number < batches; ++number)
    executor->admit(number, images_of(network.graph, number), batch);
  return executor;
}

OutputShift total_shift(LayerwiseExecutor& executor, std::size_t layer) {
  OutputShift shift;
  for (std::size_t number = 0; number < batches; ++number) shift.add(executor.output_shift(number, layer));
  return shift;
}

const Tensor& weight_of(const Network& network, std::size_t i) { return network.graph.nodes[network.layers[i]].weight; }

/// Corrects all layers but the first `done`, whose biases are in `biases`; adds the others' to them.
void correct(LayerwiseExecutor& executor, const Network& network, std::vector<Tensor>& biases) {
  for (std::size_t i = 0; i < biases.size(); ++i) executor.replace(network.layers[i], weight_of(network, i), biases[i]);
  for (std::size_t i = biases.size(); i < network.layers.size(); ++i) {
    const std::size_t layer = network.layers[i];
    biases.push_back(corrected_bias(network.graph.nodes[layer].bias, total_shift(executor, layer)));
    executor.replace(layer, network.graph.nodes[layer].weight, biases.back());
  }
}

std::vector<std::vector<float>> values(const std::vector<Tensor>& tensors) {
  std::vector<std::vector<float>> list;
  for (const Tensor& tensor : tensors) list.emplace_back(tensor.values().begin(), tensor.values().end());
  return list;
}

TEST(Layerwise, TheLastLayersShiftIsThatOfPlainExecutorsLogits) {
  Network network = make_network();
  ASSERT_EQ(network.layers.size(), 3u);
  const OutputShift shift = total_shift(*make(network), network.layers.back());
  ASSERT_EQ(shift.sums.size(), 5u);
  EXPECT_EQ(shift.values, static_cast<std::int64_t>(batches) * batch);

  EncodingTable weights = network.table;
  for (std::size_t q = 0; q < weights.size(); ++q)
    if (network.graph.quantizers[q].role != QuantizerRole::param) weights[q].clear();
  const auto plain = make_float(network.graph);
  const auto quantized = make_simulated(network.graph, weights);
  std::vector<double> wanted(5);
  for (std::size_t number = 0; number < batches; ++number) {
    const auto images = images_of(network.graph, number);
    const auto a = logits_of(*plain, network.graph, images, batch),
               b = logits_of(*quantized, network.graph, images, batch);
    for (std::size_t i = 0; i < a.size(); ++i) wanted[i % 5] += double{b[i]} - a[i];
  }
  for (std::size_t c = 0; c < 5; ++c) EXPECT_NEAR(shift.sums[c], wanted[c], 1e-4) << c;
  EXPECT_GT(std::abs(wanted[0]), 0.1);
}

// A layer without a bias gets one.
TEST(Layerwise, CorrectedLayersHaveTheFloatNetworksMeans) {
  const Network network = make_network();
  EXPECT_FALSE(network.graph.nodes[network.layers[1]].bias.defined());
  const auto executor = make(network);
  for (const std::size_t layer : network.layers) {
    const OutputShift before = total_shift(*executor, layer);
    EXPECT_GT(std::abs(before.sums[0]) / static_cast<double>(before.values), 1e-3) << layer;
    executor->replace(layer, network.graph.nodes[layer].weight,
                      corrected_bias(network.graph.nodes[layer].bias, before));
    const OutputShift after = total_shift(*executor, layer);
    for (const double sum : after.sums) EXPECT_NEAR(sum / static_cast<double>(after.values), 0, 1e-6) << layer;
  }
}

TEST(Layerwise, WhatIsKeptInMemoryChangesNoBit) {
  const Network network = make_network();
  std::vector<Tensor> all_kept, none_kept, some_kept;
  correct(*make(network), network, all_kept);
  correct(*make(network, 0), network, none_kept);
  correct(*make(network, 30'000), network, some_kept);
  EXPECT_EQ(values(all_kept), values(none_kept));
  EXPECT_EQ(values(all_kept), values(some_kept));
}

TEST(Layerwise, GoesOnBehindLayersThatWereCorrectedBefore) {
  const Network network = make_network();
  std::vector<Tensor> at_once;
  correct(*make(network), network, at_once);
  for (std::size_t done = 1; done < network.layers.size(); ++done) {
    std::vector<Tensor> resumed(at_once.begin(), at_once.begin() + static_cast<std::ptrdiff_t>(done));
    correct(*make(network), network, resumed);
    EXPECT_EQ(values(resumed), values(at_once)) << done;
  }
}

TEST(Layerwise, ABatchWithoutGoodImagesCountsNothing) {
  const Network network = make_network();
  const auto executor = make_layerwise_executor(network.graph, network.table, 2, layerwise_bytes, options);
  executor->admit(1, images_of(network.graph, 1), batch);
  EXPECT_EQ(executor->output_shift(0, network.layers[0]).values, 0);
  EXPECT_EQ(executor->output_shift(1, network.layers[0]).values, batch * 8 * 8);
}

TEST(Layerwise, EncodingsMustBeOnePerQuantizer) {
  const Network network = make_network();
  EXPECT_THROW(make_layerwise_executor(network.graph, {}, 1, 0, options), UsageError);
}

}  // namespace
}  // namespace qeval::test
