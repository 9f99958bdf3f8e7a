// Quantizers that a sensitivity analysis switches together.
#include "stages/quant/placement/quantizer_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Quantizer quantizer(QuantizerRole role, const char* module, const char* parameter = "") {
  Quantizer made;
  made.role = role;
  made.module = module;
  made.parameter = parameter;
  return made;
}

/// input → conv1 → conv2 → add; one quantizer stands behind conv1, conv2 and add, as where added tensors share a
/// grid; conv2 has weight, bias and input quantizers of its own.
struct Net {
  Graph graph;
  int shared = 0, weight = 1, bias = 2, input = 3;
};

Net make_net() {
  Net net;
  for (const char* name : {"input", "conv1", "conv2", "add"}) {
    Node node;
    node.name = node.module = name;
    net.graph.nodes.push_back(node);
  }
  net.graph.quantizers = {quantizer(QuantizerRole::output, "conv1"), quantizer(QuantizerRole::param, "conv2", "weight"),
                          quantizer(QuantizerRole::param, "conv2", "bias"), quantizer(QuantizerRole::input, "conv2")};
  net.graph.quantizers[0].aliases = {"conv2:output", "add:output"};
  for (const std::size_t i : {1, 2, 3}) net.graph.nodes[i].output_quantizer = net.shared;
  net.graph.nodes[2].weight_quantizer = net.weight;
  net.graph.nodes[2].bias_quantizer = net.bias;
  net.graph.nodes[2].input_quantizers = {net.input};
  return net;
}

EncodingTable all_on(const Graph& graph) { return EncodingTable(graph.quantizers.size(), EncodingList(1)); }

TEST(QuantizerGroups, AQuantizerSharedByModulesIsOneGroupOfTheFirst) {
  const Net net = make_net();
  const auto groups = quantizer_groups(net.graph, all_on(net.graph));
  ASSERT_EQ(groups.size(), 3u);
  EXPECT_EQ(groups[0].module, "conv1");
  EXPECT_EQ(groups[0].kind, GroupKind::activations);
  EXPECT_THAT(groups[0].quantizers, ElementsAre(net.shared));
  EXPECT_EQ(groups[0].first_node, 1);
  EXPECT_THAT(groups[0].shared_with, ElementsAre("conv2", "add"));
  EXPECT_THAT(groups[1].shared_with, IsEmpty());
}

TEST(QuantizerGroups, AModuleThatSharesTwoQuantizersOfAGroupIsNamedOnce) {
  Net net = make_net();
  net.graph.quantizers.push_back(quantizer(QuantizerRole::input, "conv1"));
  net.graph.quantizers.back().aliases = {"add:input", "conv1:output"};
  net.graph.nodes[1].input_quantizers = {4};
  EXPECT_THAT(quantizer_groups(net.graph, all_on(net.graph))[0].shared_with, ElementsAre("conv2", "add"));
}

TEST(QuantizerGroups, WeightAndBiasAreSwitchedTogetherApartFromActivations) {
  const Net net = make_net();
  const auto groups = quantizer_groups(net.graph, all_on(net.graph));
  EXPECT_THAT(groups[1].quantizers, ElementsAre(net.weight, net.bias));
  EXPECT_THAT(groups[2].quantizers, ElementsAre(net.input));
  EXPECT_EQ(groups[1].module + groups[2].module, "conv2conv2");
}

TEST(QuantizerGroups, QuantizersWithoutEncodingAreInNone) {
  const Net net = make_net();
  EncodingTable table = all_on(net.graph);
  table[0].clear();
  table[3].clear();
  const auto groups = quantizer_groups(net.graph, table);
  ASSERT_EQ(groups.size(), 1u);
  EXPECT_EQ(groups[0].first_node, 2);
}

TEST(RemoveQuantizers, AnyOfASharedQuantizersModulesSwitchesItOffEverywhere) {
  for (const char* module : {"conv1", "add"}) {
    Net net = make_net();
    EXPECT_THAT(remove_quantizers(net.graph, {module}).new_index, ElementsAre(-1, 0, 1, 2)) << module;
    for (const Node& node : net.graph.nodes) EXPECT_EQ(node.output_quantizer, -1);
    EXPECT_EQ(net.graph.nodes[2].weight_quantizer, 0);
    EXPECT_EQ(net.graph.nodes[2].input_quantizers.front(), 2);
    // What is off is the same, so the identity is too.
    EXPECT_THAT(net.graph.passes, ElementsAre("disable conv1:output"));
  }
}

TEST(RemoveQuantizers, SaysWhatElseGoesOff) {
  Net net = make_net();
  const auto removed = remove_quantizers(net.graph, {"conv2"});
  EXPECT_THAT(removed.new_index, ElementsAre(-1, -1, -1, -1));
  EXPECT_THAT(removed.remarks, ElementsAre("quantization.disable: disabling conv2 also disables the activation "
                                           "quantizer of conv1, add: they share it"));
}

TEST(RemoveQuantizers, SaysNothingWhereAllSharersAreNamed) {
  Net net = make_net();
  EXPECT_THAT(remove_quantizers(net.graph, {"add", "conv1", "conv2"}).remarks, IsEmpty());
}

TEST(RemoveQuantizers, AMisspeltModuleIsComparedWithAllNames) {
  Net net = make_net();
  try {
    remove_quantizers(net.graph, {"adds"});
    FAIL() << "an unknown module was accepted";
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("did you mean 'add'"));
  }
}

}  // namespace
}  // namespace qeval
