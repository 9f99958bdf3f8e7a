// Analytic bias correction: AIMET 1.24's own tests of it, its formulas against numbers computed otherwise, and which
// layers of a network it reaches.
#include "stages/quant/bias_correction/correct_biases.h"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "stages/model/arch/arch.h"
#include "stages/quant/arithmetic/quantize.h"
#include "stages/quant/bias_correction/clipped_normal.h"
#include "stages/quant/bias_correction/expected_values.h"
#include "stages/quant/bias_correction/output_shift.h"
#include "stages/quant/calibration.h"
#include "stages/quant/equalize/equalize.h"
#include "tests/quant/conv_row.h"

namespace qeval {
namespace {

using test::norm_of;
using test::Row;
using test::values;
using testing::Contains;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::FloatEq;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pointwise;

constexpr auto mode = NumericsMode::aimet_1_24;
constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<float> counting(float first, std::size_t n) {
  std::vector<float> result(n);
  for (std::size_t i = 0; i < n; ++i) result[i] = first + static_cast<float>(i);
  return result;
}

/// DlEqualization/test/TestDLEqualization.cpp: each quantized weight of {3, 2, 3, 1} is one too large, all biases
/// are 5.
std::vector<float> own_corrected_bias(const std::vector<double>& expected) {
  Node layer;
  layer.op = Op::conv;
  layer.weight = Tensor({3, 2, 3, 1}, counting(0, 18));
  layer.bias = Tensor({3}, std::vector<float>(3, 5));
  return values(corrected_bias(layer, counting(1, 18), expected));
}

/// What its batch norm with γ = 1, 3 and β = −2, 1 leaves, behind `op` if it is not the norm itself.
std::vector<double> own_expectation(Op op) {
  Row row;
  row.conv("a", 2, 1, {1, 1}, {0, 0});
  if (op != Op::conv) row.then(op);
  return expected_values(row.graph(), {norm_of("a", {1, 3}, {-2, 1})}).back().channels.mean;
}

// TestBiasCorrection.CorrectBiasBNParams, which looks at the second and third bias.
TEST(BiasCorrection, AimetsOwnTestBehindARelu) {
  const auto found = own_corrected_bias(own_expectation(Op::relu));
  EXPECT_FLOAT_EQ(found[1], -0.3135972f);
  EXPECT_FLOAT_EQ(found[2], -0.3135972f);
}

// TestBiasCorrection.CorrectBiasBNParamsNoActivation
TEST(BiasCorrection, AimetsOwnTestWithoutActivation) {
  const auto found = own_corrected_bias(own_expectation(Op::conv));
  EXPECT_FLOAT_EQ(found[1], 8);
  EXPECT_FLOAT_EQ(found[2], 8);
}

/// By the midpoint rule over ten deviations to each side.
double integrated(double mean, double deviation, double low, double high) {
  constexpr int n = 200000;
  double sum = 0;
  for (int i = 0; i < n; ++i) {
    const double z = -10 + 20 * (i + 0.5) / n;
    sum += std::exp(-z * z / 2) * std::min(std::max(mean + deviation * z, low), high);
  }
  return sum * 20 / n / std::sqrt(2 * std::acos(-1.0));
}

TEST(BiasCorrection, MeanOfAClippedNormalDistributionIsItsIntegral) {
  for (const double mean : {-7.0, -0.5, 0.0, 2.0, 5.5, 30.0})
    for (const double deviation : {0.01, 1.0, 4.0})
      for (const auto& [low, high] : {std::pair{0.0, infinity}, {0.0, 6.0}, {-1.0, 1.0}, {-infinity, infinity}})
        EXPECT_NEAR(clipped_normal_mean(mean, deviation, low, high), integrated(mean, deviation, low, high), 1e-6)
            << mean << ' ' << deviation << ' ' << low << ' ' << high;
}

TEST(BiasCorrection, AConstantIsClippedAsItIs) {
  EXPECT_EQ(clipped_normal_mean(7, 0, 0, 6), 6);
  EXPECT_EQ(clipped_normal_mean(-7, 0, 0, infinity), 0);
  EXPECT_EQ(clipped_normal_mean(3, 0, 0, infinity), 3);
}

// A batch norm whose γ is negative spreads its values as far as one of |γ|.
TEST(BiasCorrection, TheSignOfGammaDoesNotCount) {
  Row row;
  row.conv("a", 2, 1, {1, 1}, {0, 0});
  row.then(Op::relu6);
  const auto mean = expected_values(row.graph(), {norm_of("a", {-3, 3}, {1, 1})}).back().channels.mean;
  EXPECT_EQ(mean[0], mean[1]);
  EXPECT_NEAR(mean[0], integrated(1, 3, 0, 6), 1e-6);
}

std::string unknown_behind(Row& row, const std::vector<FoldedPair>& folded) {
  return expected_values(row.graph(), folded).back().unknown;
}

TEST(ExpectedValues, SumsJoinsAndAveragesKeepTheMean) {
  Row row;
  const int a = row.conv("a", 2, 1, {1, 1});
  const int b = row.conv("b", 2, 2, {1, 1, 1, 1});
  const int relu = row.then(Op::relu, {b});
  const int sum = row.then(Op::add, {a, relu});
  row.then(Op::concat, {sum, a});
  row.then(Op::global_avg_pool);
  row.then(Op::flatten);
  const std::vector<FoldedPair> folded{norm_of("a", {1, 1}, {4, 5}), norm_of("b", {2, 1}, {0, 100})};
  const double relu_of_b = 2 / std::sqrt(2 * std::acos(-1.0));  // σ·φ(0)
  EXPECT_THAT(expected_values(row.graph(), folded).back().channels.mean,
              ElementsAre(DoubleNear(4 + relu_of_b, 1e-12), 105, 4, 5));
}

TEST(ExpectedValues, AnAveragePoolThatCountsItsPaddingIsUnknown) {
  for (const bool counts : {false, true}) {
    Row row;
    row.conv("a", 1, 1, {1});
    row.then(Op::avg_pool);
    Node& pool = row.graph().nodes.back();
    pool.window.padding = {1, 1, 1, 1};
    pool.window.count_include_pad = counts;
    EXPECT_EQ(unknown_behind(row, {norm_of("a", {1}, {3})}), counts ? "avg_pool" : "");
  }
}

TEST(ExpectedValues, WhatIsUnknownSaysWhy) {
  const std::vector<FoldedPair> folded{norm_of("a", {1}, {3})};
  Row first;
  EXPECT_EQ(unknown_behind(first, folded), "the network's input");
  for (const auto& [op, why] : {std::pair{Op::max_pool, "max_pool"}, {Op::silu, "silu"}, {Op::permute, "permute"}}) {
    Row row;
    row.conv("a", 1, 1, {1});
    row.then(op);
    row.then(Op::relu);
    EXPECT_EQ(unknown_behind(row, folded), why);
  }
  Row sum;
  const int a = sum.conv("a", 1, 1, {1});
  sum.then(Op::add, {a, a});
  sum.then(Op::relu);
  EXPECT_EQ(unknown_behind(sum, folded), "relu of a sum or an average");
  Row plain;
  plain.conv("no norm", 1, 1, {1});
  plain.then(Op::dropout);
  EXPECT_EQ(unknown_behind(plain, folded), "conv without batch norm");
}

TEST(ExpectedValues, ABatchNormThatWasNotFoldedCountsToo) {
  Row row;
  row.then(Op::batch_norm);
  Node& norm = row.graph().nodes.back();
  norm.weight = Tensor({2}, std::vector<float>{1, 1});
  norm.bias = Tensor({2}, std::vector<float>{7, -1});
  EXPECT_THAT(expected_values(row.graph(), {}).back().channels.mean, ElementsAre(7, -1));
}

/// Σ over inputs and taps of the weight's error times E[x], written out per output channel.
std::vector<float> by_definition(const Node& layer, const std::vector<float>& quantized,
                                 const std::vector<double>& expected, std::size_t groups) {
  const auto outputs = static_cast<std::size_t>(layer.weight.size(0));
  const auto inputs = static_cast<std::size_t>(layer.weight.size(1));
  const std::size_t taps = quantized.size() / outputs / inputs;
  std::vector<float> biases = values(layer.bias);
  for (std::size_t o = 0; o < outputs; ++o) {
    double shift = 0;
    for (std::size_t i = 0; i < inputs; ++i)
      for (std::size_t t = 0; t < taps; ++t) {
        const std::size_t at = (o * inputs + i) * taps + t;
        shift += (double{quantized[at]} - layer.weight.values()[at]) * expected[o / (outputs / groups) * inputs + i];
      }
    biases[o] = static_cast<float>(biases[o] - shift);
  }
  return biases;
}

TEST(BiasCorrection, AGroupsOutputsSeeTheGroupsInputs) {
  for (const int groups : {1, 2, 4}) {
    Node layer;
    layer.op = Op::conv;
    layer.window.groups = groups;
    layer.weight = Tensor({8, 4 / groups, 1, 2}, counting(0, static_cast<std::size_t>(64 / groups)));
    layer.bias = Tensor({8}, counting(1, 8));
    std::vector<float> quantized = values(layer.weight);
    for (std::size_t i = 0; i < quantized.size(); ++i) quantized[i] += static_cast<float>(i % 5) - 1.5f;
    const std::vector<double> expected{0.5, -2, 3, 10};
    EXPECT_EQ(values(corrected_bias(layer, quantized, expected)),
              by_definition(layer, quantized, expected, static_cast<std::size_t>(groups)))
        << groups;
  }
}

QuantRecipe recipe() {
  QuantRecipe result;
  result.scheme = QuantScheme::tf;
  result.mode = mode;
  result.param_bits = 4;
  return result;
}

/// a (norm) → relu → b → max pool → c, all with biases; a and b quantized to 4 bits.
TEST(BiasCorrection, CorrectsWhatItCanAndNamesTheRest) {
  Row row;
  row.conv("a", 2, 1, {1, -0.7f}, {0, 0});
  row.then(Op::relu);
  const int b = row.conv("b", 2, 2, {1, 0.33f, -0.4f, 0.21f}, {10, 20});
  row.then(Op::max_pool);
  row.conv("c", 1, 2, {1, 0.3f}, {0});
  row.conv("d", 1, 1, {1});
  Graph& graph = row.graph();
  const std::vector<FoldedPair> folded{norm_of("a", {1, 2}, {3, -1}), norm_of("b", {1, 1}, {0, 0}),
                                       norm_of("c", {1}, {0})};
  place_quantizers(graph, recipe());
  const EncodingTable encodings = encodings_without_images(graph, recipe());
  const Node before = graph.nodes[static_cast<std::size_t>(b)];
  const BiasCorrection report = correct_biases(graph, folded, encodings, mode);

  EXPECT_THAT(report.corrected, ElementsAre("b"));
  EXPECT_THAT(report.remarks(),
              ElementsAre("bias correction: corrected (1): b", "bias correction: left alone, fed by max_pool (1): c",
                          "bias correction: left alone, fed by the network's input (1): a",
                          "bias correction: left alone, no bias (1): d"));
  EXPECT_EQ(graph.passes.back(), "bias_correction/1 corrected=b");

  std::vector<float> quantized = values(before.weight);
  quantize_dequantize(quantized, quantized,
                      make_qdq(encodings[static_cast<std::size_t>(before.weight_quantizer)].front(), mode));
  ASSERT_NE(quantized, values(before.weight));
  const std::vector<double> expected{integrated(3, 1, 0, infinity), integrated(-1, 2, 0, infinity)};
  const auto wanted = by_definition(before, quantized, expected, 1);
  EXPECT_THAT(values(graph.nodes[static_cast<std::size_t>(b)].bias), Pointwise(testing::FloatNear(1e-5f), wanted));
  EXPECT_EQ(values(graph.nodes[static_cast<std::size_t>(b)].weight), values(before.weight));
}

TEST(BiasCorrection, LeavesUnquantizedWeightsAndModulesCalledTwiceAlone) {
  Row row;
  row.conv("a", 1, 1, {1}, {0});
  row.conv("b", 1, 1, {0.7f}, {0});
  row.conv("b#1", 1, 1, {0.7f}, {0});
  row.graph().nodes.back().module = "b";
  row.conv("c", 1, 1, {0.7f}, {0});
  Graph& graph = row.graph();
  const std::vector<FoldedPair> folded{norm_of("a", {1}, {3}), norm_of("b", {1}, {3}), norm_of("b#1", {1}, {3})};
  place_quantizers(graph, recipe());
  EncodingTable encodings = encodings_without_images(graph, recipe());
  encodings[static_cast<std::size_t>(graph.nodes.back().weight_quantizer)].clear();
  const BiasCorrection report = correct_biases(graph, folded, encodings, mode);
  EXPECT_THAT(report.corrected, IsEmpty());
  EXPECT_THAT(report.remarks(), Contains("bias correction: left alone, module called several times (2): b, b#1"));
  EXPECT_THAT(report.remarks(), Contains("bias correction: left alone, weight not quantized (1): c"));
  EXPECT_EQ(graph.passes.back(), "bias_correction/1 corrected=");
}

// TestBiasCorrection.CorrectBias: two batches of {2, 2, 3, 1} whose quantized outputs are one too large.
TEST(EmpiricalBiasCorrection, AimetsOwnTest) {
  OutputShift shift;
  for (int i = 0; i < 2; ++i) shift.add(counting(0, 12), counting(1, 12), 2, 3);
  EXPECT_THAT(values(corrected_bias(Tensor({2}, std::vector<float>{10, 10}), shift)),
              ElementsAre(FloatEq(9), FloatEq(9)));
}

TEST(EmpiricalBiasCorrection, ChannelsAreApartAndPositionsAndImagesTogether) {
  const std::vector<float> reference{1, 2, 10, 20, 3, 4, 30, 40};  // two images, two channels, two positions
  const std::vector<float> quantized{1, 3, 10, 20, 3, 5, 26, 40};
  OutputShift shift;
  shift.add(reference, quantized, 2, 2);
  EXPECT_EQ(shift.values, 4);
  EXPECT_THAT(shift.sums, ElementsAre(2, -4));
  EXPECT_THAT(values(corrected_bias(Tensor({2}, std::vector<float>{0.25f, 0.25f}), shift)), ElementsAre(-0.25f, 1.25f));
  EXPECT_THAT(values(corrected_bias({}, shift)), ElementsAre(-0.5f, 1));
}

TEST(EmpiricalBiasCorrection, NothingSeenChangesNothing) {
  OutputShift shift;
  shift.add(OutputShift{});
  EXPECT_THAT(values(corrected_bias(Tensor({1}, std::vector<float>{3}), shift)), ElementsAre(3));
  EXPECT_FALSE(corrected_bias({}, shift).defined());
}

TEST(EmpiricalBiasCorrection, OutputsThatDoNotFitAreRefused) {
  OutputShift shift;
  shift.add(counting(0, 4), counting(0, 4), 2, 2);
  EXPECT_THROW(shift.add(counting(0, 4), counting(0, 6), 2, 1), InternalError);
  EXPECT_THROW(shift.add(counting(0, 3), counting(0, 3), 3, 1), InternalError);
}

// A flattened channel of four positions is four inputs of the linear layer.
TEST(BiasCorrection, ALinearLayerSeesEveryPositionOfAChannel) {
  Row row;
  row.conv("a", 2, 1, {1, 1}, {0, 0});
  row.then(Op::flatten);
  row.then(Op::linear);
  Node& linear = row.graph().nodes.back();
  linear.weight = Tensor({1, 8}, std::vector<float>{7, 0.6f, 0.6f, 0.6f, 0.6f, 0.3f, 0.3f, 0.3f});
  linear.bias = Tensor({1}, std::vector<float>{0});
  place_quantizers(row.graph(), recipe());
  correct_biases(row.graph(), {norm_of("a", {1, 1}, {1, 10})}, encodings_without_images(row.graph(), recipe()), mode);
  // Symmetric, 4 bits, largest 7: whole numbers. 0.6 becomes 1 and 0.3 becomes 0.
  EXPECT_FLOAT_EQ(row.graph().nodes.back().bias.values()[0], -(3 * 0.4f * 1 + (0.4f - 3 * 0.3f) * 10));
}

// Scale 1 in both channels; absorption moves β − 3γ = 7 of channel 0 on, so that 3 is left.
TEST(BiasCorrection, EqualizationSaysWhatItLeavesOfABatchNorm) {
  Row row;
  row.conv("a", 2, 1, {1, 1}, {9, 9});
  row.then(Op::relu);
  row.conv("b", 2, 2, {1, 1, 0.5f, -0.5f}, {1, 1});
  const auto folded = equalize(row.graph(), {norm_of("a", {-1, 1}, {10, 2})}, NumericsMode::aimet_1_24).folded;
  EXPECT_THAT(values(folded[0].beta), ElementsAre(3, 2));
  EXPECT_THAT(values(folded[0].gamma), ElementsAre(-1, 1));

  Row scaled;
  scaled.conv("a", 1, 1, {8}, {3});
  scaled.then(Op::relu);
  scaled.conv("b", 1, 1, {2}, {1});
  const auto halved = equalize(scaled.graph(), {norm_of("a", {3}, {6})}, NumericsMode::aimet_1_24).folded;  // by 8/√16
  EXPECT_THAT(values(halved[0].gamma), ElementsAre(FloatEq(1.5f)));
  EXPECT_THAT(values(halved[0].beta), ElementsAre(FloatEq(3)));
}

// Of two channels with four positions each, a product of rows sees the positions: nothing is known of their means.
TEST(BiasCorrection, LeavesALinearLayerOnAnotherAxisThanTheChannelsAlone) {
  Row row;
  row.graph().input_shape = {1, 1, 4};
  row.conv("a", 2, 1, {1, 1}, {0, 0});
  row.then(Op::linear);
  Node& linear = row.graph().nodes.back();
  linear.weight = Tensor({1, 4}, std::vector<float>{7, 0.6f, 0.6f, 0.6f});
  linear.bias = Tensor({1}, std::vector<float>{0});
  place_quantizers(row.graph(), recipe());
  const BiasCorrection report = correct_biases(row.graph(), {norm_of("a", {1, 1}, {1, 10})},
                                               encodings_without_images(row.graph(), recipe()), mode);
  EXPECT_THAT(report.corrected, IsEmpty());
  EXPECT_THAT(report.remarks(), Contains(HasSubstr("fed by channels that are not its inputs")));
}

BiasCorrection corrected(const std::string& arch, const ArchParameters& parameters) {
  StateDict state;
  state.tensors = random_weights(arch, parameters, 11);
  Graph graph = build_graph(arch, parameters, state);
  const auto folded = fold_batch_norm(graph, mode);
  place_quantizers(graph, recipe());
  return correct_biases(graph, folded, encodings_without_images(graph, recipe()), mode);
}

// Its blocks end in a convolution or a sum without activation: every layer but the first has an input of known mean.
TEST(BiasCorrection, ReachesAllOfMobileNetV2ButItsFirstLayer) {
  const BiasCorrection report = corrected("mobilenet_v2", {{"num_classes", "2"}});
  EXPECT_EQ(report.corrected.size(), 52u);
  ASSERT_EQ(report.left.size(), 1u);
  EXPECT_EQ(report.left[0].layer, "features.0.0");
}

// Behind its sums stands a ReLU: only layers within a block follow a batch norm.
TEST(BiasCorrection, ReachesTheInsideOfAResnetsBlocks) {
  const BiasCorrection report = corrected("resnet", {{"layers", "1,1,1,1"}, {"num_classes", "2"}});
  EXPECT_THAT(report.corrected, ElementsAre("layer1.0.conv2", "layer1.0.conv3", "layer2.0.conv2", "layer2.0.conv3",
                                            "layer3.0.conv2", "layer3.0.conv3", "layer4.0.conv2", "layer4.0.conv3"));
  EXPECT_THAT(report.remarks(), Contains(HasSubstr("fed by max_pool (2): layer1.0.conv1, layer1.0.downsample.0")));
  EXPECT_THAT(report.remarks(), Contains(HasSubstr("fed by relu of a sum or an average (7): layer2.0.conv1")));
}

}  // namespace
}  // namespace qeval
