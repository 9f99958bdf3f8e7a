// Executor kind "integer" on a member of every family whose operators all have a form on codes.
#include <gtest/gtest.h>

#include "stages/infer/executor_library.h"
#include "stages/infer/integer/integer_network.h"
#include "stages/quant/arithmetic/exact_sums.h"
#include "stages/quant/fold_batch_norm.h"
#include "tests/infer/calibrated_network.h"
#include "tests/infer/graph_fixture.h"

namespace qeval {
namespace {

constexpr int n = 2;

class IntegerFamily : public testing::TestWithParam<const char*> {};

TEST_P(IntegerFamily, HasTheBitsOfExactSumsOnCodesAlone) {
  const Graph network = test::small_member(GetParam());
  for (const NumericsMode mode : {NumericsMode::aimet_torch_2, NumericsMode::aimet_1_24, NumericsMode::aimet_onnx_2}) {
    Graph graph = network;
    fold_batch_norm(graph, mode);
    const auto images = test::images_for(graph, n, 7);
    QuantRecipe recipe;
    recipe.scheme = QuantScheme::tf;
    recipe.mode = mode;
    const test::CalibratedNetwork net = test::calibrated(std::move(graph), recipe, images, n);
    const IntegerPlan plan = plan_integers(net.graph, net.table, mode);
    ASSERT_TRUE(plan.network) << mode_name(mode) << ", " << plan.float_nodes.front().node << ": "
                              << plan.float_nodes.front().reason;
    const auto computed = [&](const char* kind) {
      return test::logits_of(*make_executor(net.graph, net.table, {kind, "cpu", mode}), net.graph, images, n);
    };
    EXPECT_EQ(computed(integer_executor_kind), computed(exact_executor_kind)) << mode_name(mode);
  }
}
INSTANTIATE_TEST_SUITE_P(Zoo, IntegerFamily,
                         testing::Values("resnet18", "resnext50_32x4d", "efficientnet_b0", "efficientnet_lite0",
                                         "mobilenet_v2", "mobilenet_v3_small", "regnet_x_400mf", "regnet_y_400mf",
                                         "densenet121", "squeezenet1_1", "shufflenet_v2_x0_5", "mnasnet0_5"));

}  // namespace
}  // namespace qeval
