// Every family through the whole simulation: fold, place quantizers, calibrate, infer. On a 16-bit grid the result is
// the float network's; on 4 bits it visibly is not.
#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

#include "stages/quant/fold_batch_norm.h"
#include "tests/infer/calibrated_network.h"
#include "tests/infer/graph_fixture.h"

namespace qeval {
namespace {

constexpr int n = 2;

std::vector<float> simulated_logits(const Graph& graph, const std::vector<float>& images, int bits) {
  QuantRecipe recipe;
  recipe.scheme = QuantScheme::tf;
  recipe.mode = NumericsMode::aimet_torch_2;
  recipe.param_bits = recipe.activation_bits = bits;
  const test::CalibratedNetwork net = test::calibrated(graph, recipe, images, n);
  return test::logits_of(*test::make_simulated(net.graph, net.table), net.graph, images, n);
}

/// Largest difference in units of the range of the float logits.
double difference(const std::vector<float>& got, const std::vector<float>& wanted) {
  const auto [low, high] = std::minmax_element(wanted.begin(), wanted.end());
  double largest = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    largest = std::max(largest, std::abs(static_cast<double>(got[i]) - wanted[i]));
  return largest / (static_cast<double>(*high) - *low);
}

TEST(QuantizedFamilies, AFineGridGivesTheFloatNetworkAndACoarseOneDoesNot) {
  for (const char* arch : {"resnet18", "efficientnet_b0", "mobilenet_v3_small", "regnet_x_400mf", "regnet_y_400mf",
                           "densenet121", "squeezenet1_1", "shufflenet_v2_x0_5", "mnasnet0_5", "convnext_tiny"}) {
    Graph graph = test::small_member(arch);
    const auto images = test::images_for(graph, n, 7);
    const auto wanted = test::logits_of(*test::make_float(graph), graph, images, n);
    fold_batch_norm(graph, NumericsMode::aimet_torch_2);
    EXPECT_LT(difference(simulated_logits(graph, images, 16), wanted), 0.01) << arch;
    EXPECT_GT(difference(simulated_logits(graph, images, 4), wanted), 0.02) << arch;
  }
}

}  // namespace
}  // namespace qeval
