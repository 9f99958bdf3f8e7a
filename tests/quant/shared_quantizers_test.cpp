#include "stages/quant/placement/shared_quantizers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/quant/placement/quantsim_config.h"
#include "tests/quant/named_node.h"

namespace qeval {
namespace {

using test::node;
using testing::ElementsAre;
using testing::IsEmpty;

Graph placed(std::vector<Node> nodes) {
  Graph graph;
  graph.nodes = std::move(nodes);
  QuantRecipe recipe;
  recipe.mode = NumericsMode::aimet_torch_2;
  recipe.share_module_quantizers = false;
  place_quantizers(graph, recipe);
  return graph;
}

std::vector<std::string> keys_at(const Graph& graph, int quantizer) {
  return quantizer < 0 ? std::vector<std::string>{} : graph.quantizers[static_cast<std::size_t>(quantizer)].keys();
}

TEST(SharedQuantizers, AReluOnTheModelInputQuantizesTheInputWithItsOwnQuantizer) {
  const Graph graph = placed({node(Op::input, "", {}), node(Op::relu, "first", {0}), node(Op::avg_pool, "pool", {1})});
  EXPECT_THAT(keys_at(graph, graph.nodes[1].output_quantizer), ElementsAre("first:input", "first:output"));
  EXPECT_EQ(graph.nodes[1].input_quantizers[0], graph.nodes[1].output_quantizer);
  EXPECT_THAT(keys_at(graph, graph.nodes[2].output_quantizer), ElementsAre("pool:output"));
  ASSERT_EQ(graph.quantizers.size(), 2u);
  EXPECT_EQ(graph.quantizers[0].call_sites, 2);
}

TEST(SharedQuantizers, AChainOfRelusSharesOneQuantizer) {
  const Graph graph = placed(
      {node(Op::input, "", {}), node(Op::avg_pool, "pool", {0}), node(Op::relu, "a", {1}), node(Op::relu, "b", {2})});
  EXPECT_THAT(keys_at(graph, graph.nodes[3].output_quantizer), ElementsAre("pool:output", "a:output", "b:output"));
  EXPECT_EQ(graph.quantizers.back().call_sites, 3);
}

TEST(SharedQuantizers, OfSeveralRelusTheFirstOneHandsItsQuantizerOver) {
  const Graph graph = placed({node(Op::input, "", {}), node(Op::avg_pool, "pool", {0}), node(Op::relu, "a", {1}),
                              node(Op::relu, "b", {1}), node(Op::add, "sum", {2, 3})});
  EXPECT_THAT(keys_at(graph, graph.nodes[1].output_quantizer), ElementsAre("pool:output", "a:output"));
  EXPECT_THAT(keys_at(graph, graph.nodes[3].output_quantizer), ElementsAre("b:output"));
}

TEST(SharedQuantizers, AFlattenWithoutAModuleIsSeenThrough) {
  Node flatten = node(Op::flatten, "flatten", {1});
  flatten.module = flatten.prepared = "";
  const Graph graph =
      placed({node(Op::input, "", {}), node(Op::avg_pool, "pool", {0}), flatten, node(Op::relu, "act", {2})});
  EXPECT_THAT(keys_at(graph, graph.nodes[1].output_quantizer), ElementsAre("pool:output", "act:output"));
}

TEST(SharedQuantizers, AConcatenationHandsItsQuantizerToAllItsInputs) {
  const Graph graph = placed({node(Op::input, "", {}), node(Op::avg_pool, "a", {0}), node(Op::avg_pool, "b", {0}),
                              node(Op::channel_shuffle, "shuffle", {2}), node(Op::concat, "cat", {1, 3})});
  EXPECT_THAT(keys_at(graph, graph.nodes[4].output_quantizer),
              ElementsAre("a:output", "b:output", "shuffle:output", "cat:output"));
}

TEST(SharedQuantizers, Relu6AndPoolsBetweenEndTheSharing) {
  const Graph graph = placed({node(Op::input, "", {}), node(Op::avg_pool, "pool", {0}), node(Op::relu6, "six", {1}),
                              node(Op::max_pool, "max", {2}), node(Op::relu, "act", {3})});
  for (const Quantizer& quantizer : graph.quantizers) EXPECT_THAT(quantizer.aliases, IsEmpty()) << quantizer.key();
  EXPECT_EQ(graph.quantizers.size(), 4u);  // input, pool, six, act
}

}  // namespace
}  // namespace qeval
