// Quantizers that a sensitivity analysis switches together.
#include "stages/quant/quantizer_groups.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/errors.h"

namespace qeval {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

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

TEST(QuantizerGroups, DisablingTheFirstModuleSwitchesASharedQuantizerOffEverywhere) {
  Net net = make_net();
  EXPECT_THAT(remove_quantizers(net.graph, {"conv1"}), ElementsAre(-1, 0, 1, 2));
  for (const Node& node : net.graph.nodes) EXPECT_EQ(node.output_quantizer, -1);
  EXPECT_EQ(net.graph.nodes[2].weight_quantizer, 0);
  EXPECT_THAT(net.graph.passes, ElementsAre(HasSubstr("conv1")));
}

}  // namespace
}  // namespace qeval
