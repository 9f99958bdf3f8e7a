// Networks on codes by themselves; with the bits of simulated-exact they are compared where LibTorch is
// (integer_executor_test).
#include <algorithm>
#include <thread>

#include <gtest/gtest.h>

#include "stages/infer/integer/integer_network.h"
#include "stages/infer/integer/network_split.h"
#include "stages/quant/arithmetic/isa_dispatch.h"
#include "tests/infer/integer/random_integer_net.h"

namespace qeval {
namespace {

class IntegerNetworks : public testing::Test {
 protected:
  void TearDown() override { limit_isa(highest_isa); }
};

std::vector<float> logits(const IntegerNetwork& network, const Graph& graph, std::span<const float> images, int n) {
  std::vector<float> result(static_cast<std::size_t>(n * graph.num_classes));
  network.infer(images, n, result);
  return result;
}

std::unique_ptr<IntegerNetwork> network_of(const test::RandomIntegerNet& net,
                                           std::size_t cache_bytes = value_cache_bytes) {
  return plan_integers(net.graph(), net.table(), NumericsMode::aimet_torch_2, cache_bytes).network;
}

TEST_F(IntegerNetworks, EveryInstructionSetHasTheSameBits) {
  for (unsigned seed = 1000; seed < 1060; ++seed) {
    const test::RandomIntegerNet net(seed);
    const auto images = test::images_for(net.graph(), 3, seed);
    limit_isa(Isa::baseline);
    const auto wanted = logits(*network_of(net), net.graph(), images, 3);
    for (const Isa isa : {Isa::avx2, Isa::avx_vnni, Isa::avx512, Isa::amx}) {
      limit_isa(isa);
      ASSERT_EQ(logits(*network_of(net), net.graph(), images, 3), wanted) << "seed " << seed;
    }
  }
}

TEST_F(IntegerNetworks, BitsDoNotDependOnTheBatch) {
  for (unsigned seed = 1100; seed < 1120; ++seed) {
    const test::RandomIntegerNet net(seed);
    const auto network = network_of(net);
    const auto images = test::images_for(net.graph(), 5, seed);
    const auto all = logits(*network, net.graph(), images, 5);
    const auto size = images.size() / 5, row = all.size() / 5;
    for (std::size_t i = 0; i < 5; ++i) {
      const auto one = logits(*network, net.graph(), std::span(images).subspan(i * size, size), 1);
      ASSERT_TRUE(std::equal(one.begin(), one.end(), all.begin() + static_cast<std::ptrdiff_t>(i * row))) << seed;
    }
  }
}

TEST_F(IntegerNetworks, BitsDoNotDependOnHowManyImagesAreTakenAtATime) {
  for (unsigned seed = 1100; seed < 1160; ++seed) {
    const test::RandomIntegerNet net(seed);
    const auto images = test::images_for(net.graph(), 5, seed);
    const auto wanted = logits(*network_of(net, 1 << 30), net.graph(), images, 5);
    for (const std::size_t cache_bytes : {1, 700, 3000})
      ASSERT_EQ(logits(*network_of(net, cache_bytes), net.graph(), images, 5), wanted) << "seed " << seed;
  }
}

TEST(NetworkSplit, TheHeadEndsBeforeTheFirstStepWithMoreWeightsThanValues) {
  const std::vector<CodeShape> shapes{{4, 4, 4}, {8, 4, 4}, {8, 4, 4}, {16, 2, 2}, {16, 2, 2}};
  // 0 → 1 → 2, 2 + 1 → … a residual block: its inside is no place to split.
  const std::vector<SlotUse> uses{{{}, 0}, {{0}, 1}, {{1}, 2}, {{2, 1}, 3}, {{3}, 4}, {{4}, -1}};
  const auto head = [&](const std::vector<std::size_t>& weights) {
    const NetworkSplit split = split_network(uses, weights, shapes, 300);
    return std::vector<int>{static_cast<int>(split.steps), split.handover, split.images};
  };
  EXPECT_EQ(head({0, 9, 9, 9, 9, 9}), (std::vector{6, -1, 2}));
  EXPECT_EQ(head({0, 9, 9, 9, 999, 9}), (std::vector{4, 3, 2}));
  EXPECT_EQ(head({0, 9, 9, 999, 9, 9}), (std::vector{2, 1, 2}));
  EXPECT_EQ(head({0, 999, 9, 9, 9, 9}), (std::vector{1, 0, 4}));
  EXPECT_EQ(head({1, 999, 9, 9, 9, 9}), (std::vector{1, 0, 4}));
}

TEST_F(IntegerNetworks, MayBeUsedByManyThreads) {
  const test::RandomIntegerNet net(1200);
  const auto network = network_of(net);
  const auto images = test::images_for(net.graph(), 2, 1);
  const auto wanted = logits(*network, net.graph(), images, 2);
  std::vector<std::vector<float>> found(4);
  {
    std::vector<std::jthread> threads;
    for (auto& result : found)
      threads.emplace_back([&] {
        for (int i = 0; i < 20; ++i) result = logits(*network, net.graph(), images, 2);
      });
  }
  for (const auto& result : found) EXPECT_EQ(result, wanted);
}

TEST_F(IntegerNetworks, NodesWithoutAFormAreNamed) {
  test::GraphBuilder builder({3, 8, 8});
  const int conv = builder.conv(0, 3, 4, {}, 1);
  const Graph graph = builder.finish(conv, 4, 5);
  const IntegerPlan plan = plan_integers(graph, {}, NumericsMode::aimet_torch_2);
  EXPECT_FALSE(plan.network);
  EXPECT_EQ(plan.integer_products, 0);
  ASSERT_FALSE(plan.float_nodes.empty());
  EXPECT_EQ(plan.float_nodes[0].node, graph.nodes[1].name);
  EXPECT_EQ(plan.float_nodes[0].reason, "its weights are not quantized");
  EXPECT_NE(float_nodes_text(plan).find(graph.nodes[1].name + ": its weights are not quantized"), std::string::npos);
}

TEST(BufferAssignment, ValuesThatAreNeededTogetherShareNothing) {
  // 0 → 1 → 2, and 0 is added to 2: it must not be overwritten before.
  const BufferAssignment found = assign_buffers({{{}, 0}, {{0}, 1}, {{1}, 2}, {{2, 0}, 3}, {{3, 3}, 4}}, 5);
  const auto& at = found.buffer_of;
  EXPECT_NE(at[0], at[1]);
  EXPECT_NE(at[0], at[2]);
  EXPECT_NE(at[1], at[2]);
  EXPECT_NE(at[3], at[0]);
  EXPECT_NE(at[3], at[2]);
  EXPECT_NE(at[4], at[3]);
  EXPECT_EQ(found.buffers, 3);
}

}  // namespace
}  // namespace qeval
