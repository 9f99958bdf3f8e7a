// The shared-prefix runs against a plain simulated executor whose table has only the wanted encodings: equal bits.
#include "stages/infer/sensitivity_executor.h"

#include <cmath>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "stages/infer/executor_library.h"
#include "tests/infer/graph_fixture.h"

namespace qeval::test {
namespace {

constexpr int batch = 3;

struct Network {
  Graph graph;
  EncodingTable table;
  std::vector<QuantizerIndices> groups;
};

/// A residual network whose ReLU, pool, add, input and weights are quantized; conv2's output feeds an unquantized
/// fusion. With the pool's quantizer off, conv2's input is on the ReLU's grid.
Network make_network() {
  GraphBuilder builder({3, 8, 8});
  const Window window{.kernel = {3, 3}, .stride = {1, 1}, .padding = {1, 1, 1, 1}, .dilation = {1, 1}};
  builder.quantize_output(0);
  const int conv1 = builder.conv(0, 3, 4, window, 1);
  builder.quantize_weight(conv1, false);
  const int relu1 = builder.node(Op::relu, {conv1});
  builder.quantize_output(relu1);
  const int pool = builder.node(Op::max_pool, {relu1}, window);
  builder.quantize_output(pool);
  const int conv2 = builder.conv(pool, 4, 4, window, 5);
  builder.quantize_weight(conv2, true);
  const int sum = builder.node(Op::add, {conv2, relu1});
  builder.quantize_input(sum, 1);
  builder.quantize_output(sum);
  const int relu2 = builder.node(Op::relu6, {sum});
  const int conv3 = builder.conv(relu2, 4, 4, window, 9);
  builder.quantize_weight(conv3, false);
  const int relu3 = builder.node(Op::relu, {conv3});
  builder.quantize_output(relu3);
  Network network{builder.finish(relu3, 4, 5), {}, {}};
  for (const Quantizer& quantizer : network.graph.quantizers) {
    const bool parameter = quantizer.role == QuantizerRole::param;
    const Encoding e = parameter ? encoding(-0.5, 0.5, 4) : encoding(-1.0, 2.0, 4);
    network.table.push_back(EncodingList(quantizer.per_channel ? 4 : 1, e));
  }
  // Another grid than the ReLU's before it, so that either of the two changes something.
  network.table[static_cast<std::size_t>(network.graph.nodes[static_cast<std::size_t>(pool)].output_quantizer)] = {
      encoding(-0.7, 1.6, 4)};
  for (const QuantizerGroup& group : quantizer_groups(network.graph, network.table))
    network.groups.push_back(group.quantizers);
  return network;
}

/// The table with only `group` on, or with all but `group` on.
EncodingTable switched(const Network& network, const QuantizerIndices& group, SensitivityMode mode) {
  const bool others = mode == SensitivityMode::all_but_one;
  EncodingTable table = others ? network.table : EncodingTable(network.table.size());
  for (const int q : group)
    table[static_cast<std::size_t>(q)] = others ? EncodingList{} : network.table[static_cast<std::size_t>(q)];
  return table;
}

using Kind = std::tuple<SensitivityMode, const char*>;

class SensitivityExecutorIn : public testing::TestWithParam<Kind> {};

TEST_P(SensitivityExecutorIn, GivesTheBitsOfAPlainRunWithTheSameQuantizersOn) {
  const auto [mode, kind] = GetParam();
  const Network network = make_network();
  const auto images = images_for(network.graph, batch, 77);
  const ExecutorOptions options{kind, "cpu", NumericsMode::aimet_torch_2};
  const auto executor = make_sensitivity_executor(network.graph, network.table, network.groups, mode, options);
  const SensitivityBatch result = executor->measure(images, batch);

  const auto plain = [&](const EncodingTable& table) {
    return logits_of(*make_executor(network.graph, table, options), network.graph, images, batch);
  };
  EXPECT_EQ(result.float_logits, plain(EncodingTable(network.table.size())));
  EXPECT_EQ(result.quantized_logits, plain(network.table));
  ASSERT_EQ(result.groups.size(), 8u);
  const auto& reference = mode == SensitivityMode::only_one_on ? result.float_logits : result.quantized_logits;
  for (std::size_t g = 0; g < network.groups.size(); ++g) {
    EXPECT_EQ(result.groups[g].logits, plain(switched(network, network.groups[g], mode))) << "group " << g;
    EXPECT_NE(result.groups[g].logits, reference) << "group " << g << " changes nothing: this test proves nothing";
  }
}

std::string kind_text(const testing::TestParamInfo<Kind>& info) {
  const std::string kind = std::get<1>(info.param);
  return std::string(std::get<0>(info.param) == SensitivityMode::only_one_on ? "OnlyOneOn" : "AllButOne") +
         (kind == "simulated" ? "" : "InExactSums");
}

INSTANTIATE_TEST_SUITE_P(Modes, SensitivityExecutorIn,
                         testing::Combine(testing::Values(SensitivityMode::only_one_on, SensitivityMode::all_but_one),
                                          testing::Values("simulated", "simulated-exact")),
                         kind_text);

// The tests above could not tell the two kinds apart in a network where both give the same bits.
TEST(SensitivityExecutor, OfTheExactKindDiffersFromTheOther) {
  const Network network = make_network();
  const auto images = images_for(network.graph, batch, 77);
  const auto measured = [&](const char* kind) {
    return make_sensitivity_executor(network.graph, network.table, network.groups, SensitivityMode::all_but_one,
                                     {kind, "cpu", NumericsMode::aimet_torch_2})
        ->measure(images, batch);
  };
  const SensitivityBatch exact = measured("simulated-exact"), usual = measured("simulated");
  EXPECT_EQ(exact.float_logits, usual.float_logits);
  // The first of conv1's weight group is conv1 itself, whose output nothing rounds.
  EXPECT_NE(exact.groups[1].cumulative_noise, usual.groups[1].cumulative_noise);
}

TEST(SensitivityExecutor, AFloatNetworkHasNothingToMeasure) {
  const Network network = make_network();
  EXPECT_THROW(make_sensitivity_executor(network.graph, network.table, network.groups, SensitivityMode::only_one_on,
                                         {"float", "cpu"}),
               UsageError);
}

double squares(const std::vector<float>& a, const std::vector<float>& b, std::size_t image, std::size_t values) {
  double sum = 0;
  for (std::size_t i = image * values; i < (image + 1) * values; ++i)
    sum += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2);
  return sum;
}

TEST(SensitivityNoise, OfTheLastLayerIsThatOfTheLogits) {
  // The last node's output is what the executor returns, so both noises can be recomputed.
  GraphBuilder builder({3, 4, 4});
  const Window window{.kernel = {3, 3}, .stride = {1, 1}, .padding = {1, 1, 1, 1}, .dilation = {1, 1}};
  const int conv = builder.conv(0, 3, 2, window, 3);
  builder.quantize_weight(conv, false);
  const int flat = builder.node(Op::flatten, {conv});
  builder.quantize_output(flat);
  const Graph graph = builder.finish_flat(flat, 32);
  const EncodingTable table{{encoding(-0.5, 0.5, 4)}, {encoding(-2, 2, 4)}};
  const auto images = images_for(graph, batch, 5);
  const auto executor = make_sensitivity_executor(graph, table, {{1}}, SensitivityMode::all_but_one,
                                                  {"simulated", "cpu", NumericsMode::aimet_torch_2});
  const auto result = executor->measure(images, batch);
  const auto alone = logits_of(*make_simulated(graph, {{}, table[1]}), graph, images, batch);
  const std::vector<float> zeros(alone.size());
  for (std::size_t image = 0; image < batch; ++image) {
    const auto& effect = result.groups[0];
    EXPECT_DOUBLE_EQ(effect.signal[image], squares(result.float_logits, zeros, image, 32));
    EXPECT_NEAR(effect.local_noise[image], squares(alone, result.float_logits, image, 32), 1e-4);
    EXPECT_NEAR(effect.cumulative_noise[image], squares(result.quantized_logits, result.float_logits, image, 32), 1e-4);
    EXPECT_GT(std::abs(effect.local_noise[image] - effect.cumulative_noise[image]), 1e-2);
  }
}

}  // namespace
}  // namespace qeval::test
