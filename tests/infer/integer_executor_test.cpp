// Executor kind "integer": the bits of "simulated-exact" on every instruction set.
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
INSTANTIATE_TEST_SUITE_P(IntegerExecutor, EveryIsa, testing::Range(0u, 10u));

}  // namespace
}  // namespace qeval
