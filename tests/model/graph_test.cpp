#include "stages/model/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/model/arch/arch.h"
#include "tests/model/blank_weights.h"

namespace qeval {
namespace {

Graph small_graph() {
  const ArchParameters parameters{{"layers", "1,1,1,1"}, {"num_classes", "5"}, {"input_size", "32"}};
  return build_graph("resnet", parameters, test::blank_weights("resnet", parameters));
}

int index_of(const Graph& graph, const std::string& name) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i)
    if (graph.nodes[i].name == name) return static_cast<int>(i);
  return -1;
}

TEST(Graph, ListsTheConsumersOfEveryNode) {
  const Graph graph = small_graph();
  const auto users = consumers(graph);
  ASSERT_EQ(users.size(), graph.nodes.size());
  const int pool = index_of(graph, "maxpool");
  ASSERT_GE(pool, 0);
  EXPECT_THAT(users[static_cast<std::size_t>(pool)],
              testing::ElementsAre(index_of(graph, "layer1.0.conv1"), index_of(graph, "layer1.0.downsample.0")));
  EXPECT_TRUE(users.back().empty());
  EXPECT_EQ(graph.nodes.back().name, "fc");
}

TEST(Graph, InputsAlwaysPrecedeTheirNode) {
  const Graph graph = small_graph();
  EXPECT_EQ(graph.nodes[0].op, Op::input);
  for (std::size_t i = 1; i < graph.nodes.size(); ++i) {
    ASSERT_FALSE(graph.nodes[i].inputs.empty());
    for (const int input : graph.nodes[i].inputs) EXPECT_LT(input, static_cast<int>(i));
  }
}

TEST(Graph, IdentityFollowsStructureAndPassesButNotWeights) {
  const Graph graph = small_graph();
  Graph changed = graph;
  changed.nodes[1].weight = Tensor(graph.nodes[1].weight.shape(), std::vector<float>(64 * 3 * 7 * 7, 2.0f));
  EXPECT_EQ(changed.identity(), graph.identity());

  changed.passes.push_back("another pass");
  EXPECT_NE(changed.identity(), graph.identity());
  changed = graph;
  changed.nodes[1].window.stride = {1, 1};
  EXPECT_NE(changed.identity(), graph.identity());
  changed = graph;
  changed.nodes[2].epsilon = 1.0001e-5f;
  EXPECT_NE(changed.identity(), graph.identity());
  changed = graph;
  changed.input_shape = {3, 33, 33};
  EXPECT_NE(changed.identity(), graph.identity());
}

TEST(Graph, NamesQuantizersAsEncodingsFilesDo) {
  Quantizer quantizer;
  quantizer.module = "layer1.0.conv1";
  EXPECT_EQ(quantizer.key(), "layer1.0.conv1:output");
  quantizer.role = QuantizerRole::input;
  EXPECT_EQ(quantizer.key(), "layer1.0.conv1:input");
  quantizer.role = QuantizerRole::param;
  quantizer.parameter = "weight";
  EXPECT_EQ(quantizer.key(), "layer1.0.conv1.weight");
}

}  // namespace
}  // namespace qeval
