// Executor kind "integer": the bits of "simulated-exact" on every instruction set.
#include <cmath>

#include <gtest/gtest.h>

#include "stages/infer/executor_library.h"
#include "stages/infer/integer/integer_network.h"
#include "stages/quant/arithmetic/exact_sums.h"
#include "stages/quant/arithmetic/isa_dispatch.h"
#include "tests/infer/graph_fixture.h"
#include "tests/infer/integer/random_integer_net.h"

namespace qeval {
namespace {

constexpr Isa isas[] = {Isa::amx, Isa::avx512, Isa::avx_vnni, Isa::avx2, Isa::baseline};
constexpr NumericsMode modes[] = {NumericsMode::aimet_torch_2, NumericsMode::aimet_1_24, NumericsMode::aimet_1_31,
                                  NumericsMode::aimet_2024, NumericsMode::aimet_onnx_2};
constexpr int images_per_batch = 3;

class EveryIsa : public testing::TestWithParam<unsigned> {
 protected:
  void TearDown() override { limit_isa(highest_isa); }
};

std::vector<float> logits(const test::RandomIntegerNet& net, const char* kind, NumericsMode mode,
                          const std::vector<float>& images) {
  return test::logits_of(*make_executor(net.graph(), net.table(), {kind, "cpu", mode}), net.graph(), images,
                         images_per_batch);
}

std::string reasons(const IntegerPlan& plan) {
  std::string text;
  for (const auto& [node, reason] : plan.float_nodes) text += node + ": " + reason + "\n";
  return text;
}

TEST_P(EveryIsa, RandomNetworksHaveTheBitsOfExactSums) {
  for (unsigned seed = 20 * GetParam(); seed < 20 * GetParam() + 20; ++seed) {
    const test::RandomIntegerNet net(seed);
    const auto images = test::images_for(net.graph(), images_per_batch, seed);
    const NumericsMode mode = modes[seed % 5];
    const auto wanted = logits(net, exact_executor_kind, mode, images);
    const IntegerPlan plan = plan_integers(net.graph(), net.table(), mode);
    ASSERT_TRUE(plan.network) << "seed " << seed << ": " << reasons(plan);
    EXPECT_EQ(plan.products, plan.integer_products);
    for (const Isa isa : isas) {
      limit_isa(isa);
      ASSERT_EQ(logits(net, integer_executor_kind, mode, images), wanted)
          << "seed " << seed << ", instruction set " << static_cast<int>(isa);
    }
    limit_isa(highest_isa);
  }
}
INSTANTIATE_TEST_SUITE_P(IntegerExecutor, EveryIsa, testing::Range(0u, 20u));

/// A layer whose sums need more than 24 bits, as the 512 channels of a wide network's 3 × 3 windows.
TEST(IntegerPlan, WideSumsHaveTheBitsOfExactSums) {
  Window window;
  window.kernel = {3, 3};
  window.padding = {1, 1, 1, 1};
  for (const int groups : {1, 2}) {
    window.groups = groups;
    test::GraphBuilder b({1024, 4, 4});
    b.quantize_output(0);
    const int conv = b.conv(0, 1024, 6, window, 3);
    Tensor& weight = b.at(conv).weight;
    std::vector<float> positive(weight.values().begin(), weight.values().end());
    for (float& x : positive) x = std::abs(x);
    weight = Tensor(weight.shape(), std::move(positive));
    b.quantize_weight(conv, false);
    const int flat = b.node(Op::flatten, {b.node(Op::max_pool, {conv}, {.kernel = {4, 4}, .stride = {4, 4}})});
    b.quantize_output(conv);
    const Graph graph = b.finish_flat(flat, 6);
    const EncodingTable table{{test::encoding(0, 1)}, {test::encoding(-0.601, 0.6)}, {test::encoding(-1, 1200)}};
    const auto sums = exact_sums(graph, graph.nodes[static_cast<std::size_t>(conv)], table, NumericsMode::aimet_1_24);
    ASSERT_TRUE(sums && sums->wide);
    const auto images = test::images_for(graph, 2, 4);
    const auto computed = [&](const char* kind) {
      return test::logits_of(*make_executor(graph, table, {kind, "cpu", NumericsMode::aimet_1_24}), graph, images, 2);
    };
    EXPECT_TRUE(plan_integers(graph, table, NumericsMode::aimet_1_24).network);
    EXPECT_EQ(computed(integer_executor_kind), computed(exact_executor_kind));
  }
}

/// Whoever sees an infinity or a NaN in simulated-exact has to see it here, which codes cannot show.
TEST(IntegerPlan, FunctionsWithValuesThatAreNotFiniteStayFloats) {
  for (const Op op : {Op::log, Op::reciprocal, Op::sqrt}) {
    test::GraphBuilder b({2, 3, 3});
    b.quantize_output(0);
    const int function = b.node(op, {0});
    b.quantize_output(function);
    const Graph graph = b.finish_flat(function, 2 * 3 * 3);
    const EncodingTable table{{test::encoding(-1, 2)}, {test::encoding(-1.1, 2)}};
    const IntegerPlan plan = plan_integers(graph, table, NumericsMode::aimet_torch_2);
    EXPECT_EQ(reasons(plan), std::string(op_name(op)) + "1: some of its values are not finite\n");
  }
}

}  // namespace
}  // namespace qeval
