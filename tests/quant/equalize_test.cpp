#include "stages/quant/equalize/equalize.h"

#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/model/arch/arch.h"
#include "stages/quant/equalize/scale_pairs.h"
#include "tests/quant/conv_row.h"

namespace qeval {
namespace {

using test::norm_of;
using test::Row;
using test::values;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<float> ones(std::size_t count) { return std::vector<float>(count, 1.0f); }

Equalization equalized(const std::string& arch, const ArchParameters& parameters, Graph* result = nullptr,
                       NumericsMode mode = NumericsMode::aimet_onnx_2) {
  StateDict state;
  state.tensors = random_weights(arch, parameters, 11);
  Graph graph = build_graph(arch, parameters, state);
  const auto folded = fold_batch_norm(graph, NumericsMode::aimet_torch_2);
  Equalization report = equalize(graph, folded, mode);
  if (result) *result = std::move(graph);
  return report;
}

// By hand: r1 = 8, r2 = 2, s = 8/√16 = 2; r1 = 1, r2 = 9, s = 1/3.
TEST(Equalize, APairsChannelsGetTheGeometricMeanOfTheirRanges) {
  Row row;
  const int first = row.conv("a", 2, 1, {-8, 1}, {4, 3});
  row.then(Op::relu);
  const int second = row.conv("b", 2, 2, {2, 9, -1, 3}, {5, 6});
  const auto report = equalize(row.graph(), {}, NumericsMode::aimet_1_24);
  EXPECT_THAT(report.scaled, ElementsAre(ElementsAre("a", "b")));
  const auto& nodes = row.graph().nodes;
  const auto close = [](const std::vector<float>& wanted) {
    return testing::Pointwise(testing::FloatNear(1e-6f), wanted);
  };
  EXPECT_THAT(values(nodes[first].weight), close({-4, 3}));
  EXPECT_THAT(values(nodes[first].bias), close({2, 9}));
  EXPECT_THAT(values(nodes[second].weight), close({4, 3, -2, 1}));
  EXPECT_THAT(values(nodes[second].bias), ElementsAre(5, 6));
}

// By hand: ∛(4·2·1) = 2, so all three layers end with the range 2.
TEST(Equalize, ADepthwiseTriplesChannelsGetTheGeometricMeanOfThreeRanges) {
  Row row;
  const int first = row.conv("a", 2, 1, {4, 2}, {8, 1});
  row.then(Op::pad);
  const int depthwise = row.conv("dw", 2, 2, {-2, 2}, {6, 1}, 2);
  row.then(Op::relu);
  const int last = row.conv("b", 1, 2, {1, 2});
  const auto report = equalize(row.graph(), {}, NumericsMode::aimet_1_24);
  EXPECT_THAT(report.scaled, ElementsAre(ElementsAre("a", "dw", "b")));
  const auto& nodes = row.graph().nodes;
  const auto close = [](const std::vector<float>& wanted) {
    return testing::Pointwise(testing::FloatNear(1e-6f), wanted);
  };
  EXPECT_THAT(values(nodes[first].weight), close({2, 2}));
  EXPECT_THAT(values(nodes[first].bias), close({4, 1}));
  EXPECT_THAT(values(nodes[depthwise].weight), close({-2, 2}));
  EXPECT_THAT(values(nodes[depthwise].bias), close({3, 1}));
  EXPECT_THAT(values(nodes[last].weight), close({2, 2}));
}

/// 1, 1 + step, … in the shape that AIMET's own tests give their weights, or in a depthwise one of as many taps.
Tensor own_weights(float step, std::vector<std::int64_t> shape = {2, 2, 3, 1}) {
  std::vector<float> values(12);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = 1 + step * static_cast<float>(i);
  return Tensor(std::move(shape), std::move(values));
}

// AIMET 1.24, DlEqualization/test/TestDLEqualization.cpp, TestCrossLayerScaling.
TEST(Equalize, AimetsOwnTestOfAPair) {
  Row row;
  const int first = row.conv("a", 2, 2, {0, 0, 0, 0}, {1, 2});
  const int second = row.conv("b", 2, 2, {0, 0, 0, 0});
  auto& nodes = row.graph().nodes;
  nodes[first].weight = own_weights(1);
  nodes[second].weight = own_weights(2);
  equalize(row.graph(), {}, NumericsMode::aimet_1_24);
  EXPECT_FLOAT_EQ(nodes[first].weight.values()[0], 1 / nodes[second].weight.values()[0]);
  EXPECT_FLOAT_EQ(nodes[first].weight.values()[0], nodes[first].bias.values()[0]);
}

TEST(Equalize, AimetsOwnTestOfADepthwiseTriple) {
  Row row;
  const int first = row.conv("a", 2, 2, {0, 0, 0, 0}, {1, 2});
  const int depthwise = row.conv("dw", 2, 2, {0, 0}, {1, 3}, 2);
  const int last = row.conv("b", 2, 2, {0, 0, 0, 0});
  auto& nodes = row.graph().nodes;
  nodes[first].weight = own_weights(1);
  nodes[depthwise].weight = own_weights(2, {2, 1, 6, 1});
  nodes[last].weight = own_weights(1);
  equalize(row.graph(), {}, NumericsMode::aimet_1_24);
  EXPECT_FLOAT_EQ(1 / nodes[first].weight.values()[0], 0.7137658f);
  EXPECT_FLOAT_EQ(nodes[first].weight.values()[0], nodes[first].bias.values()[0]);
  EXPECT_FLOAT_EQ(nodes[last].weight.values()[0], 0.93401319f);
}

TEST(Equalize, AChannelWithoutWeightsKeepsItsScale) {
  Row row;
  const int first = row.conv("a", 3, 1, {0, 5, 8});
  const int second = row.conv("b", 1, 3, {3, 0, 2});
  const ScalingPlan plan = find_pairs(row.graph());
  ASSERT_EQ(plan.sets.size(), 1u);
  EXPECT_THAT(scale_pairs(row.graph(), plan.sets[0]), ElementsAre(ElementsAre(1, 1, testing::FloatEq(2))));
  EXPECT_THAT(values(row.graph().nodes[first].weight), ElementsAre(0, 5, testing::FloatEq(4)));
  EXPECT_THAT(values(row.graph().nodes[second].weight), ElementsAre(3, 0, testing::FloatEq(4)));
}

// Scale 1 in both channels. Channel 0: β − 3γ = 10 − 3 = 7 moves on; channel 1: 2 − 3 < 0, nothing.
TEST(Equalize, OnlyTheBiasBeyondThreeDeviationsMovesThroughARelu) {
  Row row;
  const int first = row.conv("a", 2, 1, {1, 1}, {9, 9});
  row.then(Op::relu);
  const int second = row.conv("b", 2, 2, {1, 1, 0.5f, -0.5f}, {1, 1});
  const auto report = equalize(row.graph(), {norm_of("a", {-1, 1}, {10, 2})}, NumericsMode::aimet_1_24);
  EXPECT_EQ(report.absorbed, 1);
  EXPECT_THAT(values(row.graph().nodes[first].bias), ElementsAre(2, 9));
  EXPECT_THAT(values(row.graph().nodes[second].bias), ElementsAre(8, 4.5f));
}

// Without an activation between them the whole mean moves on; it is divided by the scale 8/√16 = 2 first.
TEST(Equalize, WithoutAnActivationTheWholeScaledMeanMovesOn) {
  Row row;
  const int first = row.conv("a", 1, 1, {8}, {3});
  const int second = row.conv("b", 1, 1, {2}, {1});
  equalize(row.graph(), {norm_of("a", {1}, {-6})}, NumericsMode::aimet_1_24);
  EXPECT_THAT(values(row.graph().nodes[first].bias), ElementsAre(testing::FloatEq(1.5f + 3)));
  EXPECT_THAT(values(row.graph().nodes[second].bias), ElementsAre(testing::FloatEq(1 - 4 * 3)));
}

TEST(Equalize, HighBiasesStayWithoutBatchNormOrNextBias) {
  Row row;
  row.conv("a", 1, 1, {1}, {9});
  row.conv("b", 1, 1, {1});
  row.conv("c", 1, 1, {1}, {2});
  EXPECT_EQ(equalize(row.graph(), {norm_of("a", {1}, {10})}, NumericsMode::aimet_1_24).absorbed, 0);
  EXPECT_THAT(values(row.graph().nodes[1].bias), ElementsAre(9));
}

TEST(Equalize, GroupedConvolutionsAndBranchesAreLeftAloneAndNamed) {
  Row row;
  row.conv("a", 4, 4, ones(16));
  row.conv("grouped", 4, 4, ones(8), {}, 2);
  const int b = row.conv("b", 4, 4, ones(16));
  const int c = row.conv("c", 4, 4, ones(16));
  row.then(Op::add, {b, c});
  const auto report = equalize(row.graph(), {}, NumericsMode::aimet_1_24);
  EXPECT_TRUE(report.scaled.empty());
  std::vector<std::string> left;
  for (const LeftAlone& conv : report.left) left.push_back(conv.layer + ": " + conv.reason);
  EXPECT_THAT(left, ElementsAre("a: next is grouped convolution", "grouped: grouped convolution",
                                "b: output is read by several nodes", "c: output leads to add"));
  EXPECT_THAT(report.remarks(), testing::Contains(HasSubstr("grouped convolution (1): grouped")));
}

TEST(Equalize, ScalesThroughPreluButNotThroughLeakyReluOrPooling) {
  Row row;
  row.conv("a", 1, 1, {4});
  row.then(Op::prelu);
  row.conv("b", 1, 1, {1});
  row.then(Op::leaky_relu);
  row.conv("c", 1, 1, {4});
  row.then(Op::max_pool);
  row.conv("d", 1, 1, {1});
  EXPECT_THAT(equalize(row.graph(), {}, NumericsMode::aimet_1_24).scaled, ElementsAre(ElementsAre("a", "b")));
}

TEST(Equalize, AModuleCalledTwiceIsLeftAlone) {
  Row row;
  row.conv("a", 1, 1, {4});
  row.conv("b", 1, 1, {1});
  row.conv("b#1", 1, 1, {1});
  row.graph().nodes.back().module = "b";
  const auto report = equalize(row.graph(), {}, NumericsMode::aimet_1_24);
  EXPECT_TRUE(report.scaled.empty());
  EXPECT_THAT(values(row.graph().nodes[1].weight), ElementsAre(4));
}

TEST(Equalize, ChainsAreCutAsAimetCutsThem) {
  Row row;
  row.conv("dw0", 2, 2, ones(2), {}, 2);
  row.conv("a", 2, 2, ones(4));
  row.conv("dw1", 2, 2, ones(2), {}, 2);
  row.conv("dw2", 2, 2, ones(2), {}, 2);
  row.conv("b", 2, 2, ones(4));
  row.conv("dw3", 2, 2, ones(2), {}, 2);
  row.conv("c", 2, 2, ones(4));
  row.conv("d", 2, 2, ones(4));
  EXPECT_THAT(equalize(row.graph(), {}, NumericsMode::aimet_1_24).scaled,
              ElementsAre(ElementsAre("dw0", "a"), ElementsAre("dw2", "b"), ElementsAre("b", "dw3", "c"),
                          ElementsAre("c", "d")));
}

// resnext-tiny: the first block's 32 groups of one channel are a depthwise convolution, all others have wider groups.
TEST(Equalize, OfAResnextOnlyTheDepthwiseBlockIsScaled) {
  Graph graph;
  const ArchParameters tiny{{"layers", "1,1,1,1"}, {"groups", "32"}, {"width_per_group", "1"}, {"num_classes", "2"}};
  const auto report = equalized("resnet", tiny, &graph);
  EXPECT_THAT(report.scaled, ElementsAre(ElementsAre("layer1.0.conv1", "layer1.0.conv2", "layer1.0.conv3")));
  EXPECT_EQ(report.absorbed, 2);
  const auto grouped = [](const LeftAlone& conv) { return conv.reason == "grouped convolution"; };
  EXPECT_EQ(std::count_if(report.left.begin(), report.left.end(), grouped), 3);
  EXPECT_THAT(graph.identity(), HasSubstr("layer1.0.conv1>layer1.0.conv2>layer1.0.conv3"));
}

TEST(Equalize, LosesNoRelu6AndSaysSo) {
  Graph graph;
  const auto report = equalized("mobilenet_v2", {{"num_classes", "2"}}, &graph);
  EXPECT_EQ(report.replaced_relu6, 35);
  for (const Node& node : graph.nodes) EXPECT_NE(node.op, Op::relu6) << node.name;
  EXPECT_THAT(report.remarks(), testing::Contains(HasSubstr("35 ReLU6 became ReLU")));
}

// aimet_torch/cross_layer_equalization.py of 2.42, _warn_relu6; aimet_onnx replaces still.
TEST(Equalize, Relu6StaysInModeAimetTorch2) {
  Graph graph;
  const Equalization report = equalized("mobilenet_v2", {{"num_classes", "2"}}, &graph, NumericsMode::aimet_torch_2);
  EXPECT_EQ(report.replaced_relu6, 0);
  EXPECT_EQ(std::count_if(graph.nodes.begin(), graph.nodes.end(), [](const Node& n) { return n.op == Op::relu6; }), 35);
  EXPECT_THAT(report.remarks(), testing::Contains(HasSubstr("35 ReLU6 stay")));
}

}  // namespace
}  // namespace qeval
