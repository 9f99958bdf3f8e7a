#include "stages/quant/placement/tied_quantizers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/quant/placement/quantsim_config.h"
#include "stages/quant/placement/quantsim_presets.h"
#include "tests/quant/named_node.h"

namespace qeval {
namespace {

using test::node;
using testing::ElementsAre;

Graph placed(std::vector<Node> nodes, const std::string& preset = "default_per_tensor") {
  Graph graph;
  graph.nodes = std::move(nodes);
  QuantRecipe recipe;
  recipe.mode = NumericsMode::aimet_onnx_2;
  recipe.config = *find_quantsim_preset(preset, recipe.mode);
  place_quantizers(graph, recipe);
  return graph;
}

std::vector<std::string> keys_at(const Graph& graph, std::size_t index) {
  const int quantizer = graph.nodes[index].output_quantizer;
  return quantizer < 0 ? std::vector<std::string>{} : graph.quantizers[static_cast<std::size_t>(quantizer)].keys();
}

Node permuted(const std::string& name, int input) {
  Node result = node(Op::permute, name, {input});
  result.axes = {0, 1, 3, 2};
  return result;
}

// The groups that live aimet-onnx 2.42 has of this network, in its defaults and for HTP v81: a | b, c, cat, pool, r |
// g.
TEST(TiedQuantizers, AConcatTiesInputsThatNobodyElseReadsAndAPoolAndAReluFollow) {
  for (const char* preset : {"default_per_tensor", "htp_v81"}) {
    const Graph graph =
        placed({node(Op::input, "", {}), node(Op::gelu, "a", {0}), node(Op::gelu, "b", {1}), node(Op::gelu, "c", {1}),
                permuted("t", 3), node(Op::concat, "cat", {1, 2, 4}), node(Op::avg_pool, "pool", {5}),
                node(Op::relu, "r", {6}), node(Op::global_avg_pool, "g", {7})},
               preset);
    EXPECT_THAT(keys_at(graph, 1), ElementsAre("a:output")) << preset;
    EXPECT_THAT(keys_at(graph, 7), ElementsAre("b:output", "c:output", "cat:output", "pool:output", "r:output"));
    EXPECT_THAT(keys_at(graph, 8), ElementsAre("g:output"));
    const Quantizer& shared = graph.quantizers[static_cast<std::size_t>(graph.nodes[5].output_quantizer)];
    EXPECT_EQ(shared.call_sites, 5);
    // The ReLU's range begins at 0, and the others' with it: nobody but the pool and the ReLU reads them.
    EXPECT_EQ(shared.fixed_min.has_value(), std::string(preset) == "htp_v81");
  }
}

TEST(TiedQuantizers, AReluWithAFixedEndLeavesAnInputToItsOtherReaders) {
  const Graph graph = placed(
      {node(Op::input, "", {}), node(Op::avg_pool, "a", {0}), node(Op::relu, "r", {1}), node(Op::add, "sum", {1, 2})},
      "htp_v81");
  EXPECT_THAT(keys_at(graph, 1), testing::Not(testing::Contains("r:output")));
  EXPECT_THAT(keys_at(graph, 2), ElementsAre("r:output"));
}

TEST(TiedQuantizers, InputsOfOneFixedRangeGiveItToTheConcatAndOthersStayApart) {
  const auto concat_of = [](Op first, Op second) {
    return placed(
        {node(Op::input, "", {}), node(first, "a", {0}), node(second, "b", {0}), node(Op::concat, "cat", {1, 2})},
        "htp_v81");
  };
  const Graph alike = concat_of(Op::sigmoid, Op::softmax);
  EXPECT_THAT(keys_at(alike, 3), ElementsAre("a:output", "b:output", "cat:output"));
  EXPECT_EQ(alike.quantizers[static_cast<std::size_t>(alike.nodes[3].output_quantizer)].fixed_max, 1);
  const Graph mixed = concat_of(Op::sigmoid, Op::gelu);
  EXPECT_THAT(keys_at(mixed, 1), ElementsAre("a:output"));
  EXPECT_THAT(keys_at(mixed, 3), ElementsAre("b:output", "cat:output"));
}

}  // namespace
}  // namespace qeval
