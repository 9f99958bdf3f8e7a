#include "tests/infer/calibrated_network.h"

#include <utility>

#include <gtest/gtest.h>

#include "stages/model/arch/arch.h"
#include "stages/model/weights/state_dict.h"
#include "stages/quant/analyzers/observer_bank.h"
#include "stages/quant/calibration.h"
#include "stages/quant/placement/split_silu.h"
#include "tests/infer/graph_fixture.h"

namespace qeval::test {

Graph small_member(const std::string& arch) {
  const ArchParameters parameters{{"input_size", "64"}, {"num_classes", "20"}};
  StateDict state;
  state.tensors = random_weights(arch, parameters, 1);
  return build_graph(arch, parameters, state);
}

CalibratedNetwork calibrated(Graph graph, QuantRecipe recipe, const std::vector<float>& images, int n) {
  recipe.share_module_quantizers = false;
  split_silu(graph, recipe);
  place_quantizers(graph, recipe);
  EncodingTable table = encodings_without_images(graph, recipe);
  ObserverBank bank(activation_call_sites(graph), recipe.scheme, recipe.mode);
  make_simulated(graph, table, recipe.mode)->observe(images, n, 0, bank);
  EXPECT_TRUE(add_activation_encodings(graph, recipe, bank, table).empty()) << graph.arch;
  return {std::move(graph), std::move(table)};
}

}  // namespace qeval::test
