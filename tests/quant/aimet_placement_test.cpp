/// Placement in whole networks as live aimet-torch and aimet-onnx 2.42 have it
/// (tools/oracle/compare_aimet_placement.py).
#include <algorithm>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/model/arch/arch.h"
#include "stages/quant/fold_batch_norm.h"
#include "stages/quant/placement/quantsim_config.h"
#include "stages/quant/placement/quantsim_presets.h"
#include "stages/quant/placement/split_silu.h"
#include "tests/model/blank_weights.h"

namespace qeval {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::UnorderedElementsAre;

QuantRecipe recipe_of(NumericsMode mode, const std::string& preset, bool share = false) {
  QuantRecipe recipe;
  recipe.mode = mode;
  recipe.scheme = QuantScheme::tf;
  recipe.share_module_quantizers = share;
  recipe.config = *find_quantsim_preset(preset, mode);
  return recipe;
}

Graph prepared(const std::string& arch, const QuantRecipe& recipe) {
  const ArchParameters parameters{{"input_size", "64"}};
  Graph graph = build_graph(arch, parameters, test::blank_weights(arch, parameters));
  fold_batch_norm(graph, recipe.mode);
  split_silu(graph, recipe);
  place_quantizers(graph, recipe);
  return graph;
}

Graph prepared(const std::string& arch, const std::string& preset = "default_per_tensor") {
  return prepared(arch, recipe_of(NumericsMode::aimet_torch_2, preset));
}

std::size_t count_names(const Graph& graph) {
  std::size_t count = 0;
  for (const Quantizer& quantizer : graph.quantizers) count += quantizer.keys().size();
  return count;
}

/// The quantizer that has this name; a blank one without a module if none has.
Quantizer quantizer_named(const Graph& graph, const std::string& name) {
  for (const Quantizer& quantizer : graph.quantizers) {
    const auto keys = quantizer.keys();
    if (std::find(keys.begin(), keys.end(), name) != keys.end()) return quantizer;
  }
  return {};
}

TEST(AimetPlacement, ASiluIsAGateAndAProductWithQuantizersOfTheirOwn) {
  const Graph graph = prepared("efficientnet_b0");
  EXPECT_EQ(count_names(graph), 370u);
  EXPECT_THAT(quantizer_named(graph, "features.0.2.sigmoid:output").keys(),
              UnorderedElementsAre("features.0.2.sigmoid:output"));
  EXPECT_THAT(quantizer_named(graph, "features.0.2:output").keys(),
              UnorderedElementsAre("features.0.2:output", "features.0.2.mul:output"));
  const Graph limited = prepared("efficientnet_b0", "htp_v81");
  EXPECT_EQ(quantizer_named(limited, "features.0.2.sigmoid:output").fixed_max, 1);
  EXPECT_EQ(quantizer_named(limited, "features.0.2:output").fixed_max, std::nullopt);
}

TEST(AimetPlacement, ASiluOfANetworkThatWasNotPreparedIsOneModule) {
  const Graph graph = prepared("efficientnet_b0", recipe_of(NumericsMode::aimet_torch_2, "default_per_tensor", true));
  EXPECT_EQ(quantizer_named(graph, "features.0.2.sigmoid:output").call_sites, 0);
  EXPECT_EQ(quantizer_named(graph, "features.0.2:output").call_sites, 1);
}

TEST(AimetPlacement, AStageOfShuffleNetIsOneQuantizerThroughViewsAndChunks) {
  const Graph graph = prepared("shufflenet_v2_x0_5");
  EXPECT_EQ(count_names(graph), 132u);  // AIMET's 164 less 32 at divisions of sizes, "module_floordiv"
  EXPECT_THAT(quantizer_named(graph, "stage2.3.module_cat_3:output").keys(),
              UnorderedElementsAre(
                  "stage2.0.branch1.4:output", "stage2.0.branch2.7:output", "stage2.0.module_cat:output",
                  "stage2.1.branch2.7:output", "stage2.1.module_cat_1:output", "stage2.2.branch2.7:output",
                  "stage2.2.module_cat_2:output", "stage2.3.branch2.7:output", "stage2.3.module_cat_3:output"));
  for (const Quantizer& quantizer : graph.quantizers)
    EXPECT_THAT(quantizer.keys(), Not(Contains(HasSubstr("channel_shuffle"))));
}

TEST(AimetPlacement, ConvNeXtsNormsBetweenStagesAreFunctionsAndTheOthersHaveAsymmetricWeights) {
  const Graph graph = prepared("convnext_tiny");
  EXPECT_EQ(count_names(graph), 210u);
  EXPECT_EQ(quantizer_named(graph, "features.0.1:output").call_sites, 0);
  const Quantizer weight = quantizer_named(graph, "features.1.0.block.2.weight");
  EXPECT_EQ(weight.bits, 8);
  EXPECT_FALSE(weight.symmetric || weight.per_channel);
  EXPECT_EQ(quantizer_named(graph, "features.1.0.block.2.bias").call_sites, 0);
  QuantRecipe wide = recipe_of(NumericsMode::aimet_torch_2, "default_per_tensor");
  wide.param_bits = 16;
  EXPECT_TRUE(quantizer_named(prepared("convnext_tiny", wide), "features.1.0.block.2.weight").symmetric);
}

TEST(AimetPlacement, WeightsOfBatchNormsThatFoldNowhereAreQuantizedAsTheGenerationDoes) {
  const std::string name = "features.denseblock1.denselayer1.norm1.weight";
  const Graph torch = prepared("densenet121");
  EXPECT_EQ(count_names(torch), 495u);
  EXPECT_TRUE(quantizer_named(torch, name).symmetric);
  const auto onnx = [&](const std::string& preset, int bits) {
    QuantRecipe recipe = recipe_of(NumericsMode::aimet_onnx_2, preset);
    recipe.param_bits = bits;
    return quantizer_named(prepared("densenet121", recipe), name);
  };
  EXPECT_FALSE(onnx("default_per_tensor", 8).symmetric);
  EXPECT_EQ(onnx("default_per_tensor", 4).bits, 8);
  EXPECT_TRUE(onnx("htp_v73", 16).symmetric);
  EXPECT_EQ(onnx("htp_v69", 16).bits, 8);
  QuantRecipe old = recipe_of(NumericsMode::aimet_1_24, "default_per_tensor");
  EXPECT_EQ(quantizer_named(prepared("densenet121", old), name).call_sites, 0);
}

TEST(AimetPlacement, OtherPlacementIsAnotherIdentityAndTheSameTheSame) {
  const auto last_pass = [](const std::string& arch, NumericsMode mode, const std::string& preset) {
    return prepared(arch, recipe_of(mode, preset)).passes.back();
  };
  for (const NumericsMode mode : {NumericsMode::aimet_torch_2, NumericsMode::aimet_onnx_2}) {
    QuantRecipe recipe = recipe_of(mode, "default_per_tensor");
    EXPECT_EQ(last_pass("resnet18", mode, "default_per_tensor"), "quantsim/1 " + recipe.identity());
    EXPECT_EQ(last_pass("efficientnet_lite0", mode, "default_per_tensor"), "quantsim/1 " + recipe.identity());
    EXPECT_THAT(last_pass("convnext_tiny", mode, "default_per_tensor"), HasSubstr("norm_parameters=quantized"));
  }
  EXPECT_THAT(last_pass("resnet18", NumericsMode::aimet_torch_2, "htp_v81"), HasSubstr("fixed_ends=2.42"));
  EXPECT_THAT(last_pass("densenet121", NumericsMode::aimet_onnx_2, "default_per_tensor"), HasSubstr("ties=aimet-onnx"));
}

}  // namespace
}  // namespace qeval
