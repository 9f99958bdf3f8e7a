// A small torchvision ResNeXt with random weights, against torchvision and aimet-torch 2.42.
#include <gtest/gtest.h>

#include "stages/infer/executor_library.h"
#include "stages/model/arch.h"
#include "stages/quant/fold_batch_norm.h"
#include "tests/infer/oracle_run.h"
#include "tests/support/shared_data.h"

namespace qeval {
namespace {

const std::filesystem::path oracle = test::shared_root() / "oracle/resnext-tiny";

Graph load_network(bool fold) {
  Graph graph = build_graph("resnet", {{"block", "bottleneck"}, {"layers", "1,1,1,1"}, {"groups", "32"}, {"width_per_group", "1"}},
                            read_state_dict(oracle / "state_dict.pth"));
  if (fold) fold_batch_norm(graph, NumericsMode::aimet_torch_2);
  return graph;
}

Preprocessor imagenet_preprocessor() {
  Normalize normalize;
  normalize.mean = {0.485f, 0.456f, 0.406f};
  normalize.std = {0.229f, 0.224f, 0.225f};
  return Preprocessor({{}, {ResizeShortSide{}, CenterCrop{}, normalize}});
}

Tensor oracle_logits(const std::string& name) {
  return read_state_dict(oracle / (name + ".safetensors")).tensors.at("logits64");
}

class ResnextTiny : public testing::TestWithParam<bool> {};

TEST_P(ResnextTiny, FloatLogitsAreTorchvisions) {
  QEVAL_REQUIRE_SHARED("oracle/resnext-tiny");
  const Graph graph = load_network(GetParam());
  const auto logits = test::classify(*make_executor(graph, {}, {"float", "cpu"}), graph, test::sample_images(64),
                                     imagenet_preprocessor());
  const float difference = test::largest_difference(logits, oracle_logits(GetParam() ? "fp32_folded" : "fp32"));
  RecordProperty("largest_difference", std::to_string(difference));
  EXPECT_LE(difference, 1e-4f);
}

INSTANTIATE_TEST_SUITE_P(BatchNorm, ResnextTiny, testing::Bool(),
                         [](const auto& param_info) { return param_info.param ? "Folded" : "Unfolded"; });

struct Case {
  const char* name;
  QuantScheme scheme;
  bool per_channel;
};

class ResnextTinyQuantized : public testing::TestWithParam<Case> {};

TEST_P(ResnextTinyQuantized, EncodingsAndLogitsAreAimets) {
  QEVAL_REQUIRE_SHARED("oracle/resnext-tiny");
  const Case& c = GetParam();
  Graph graph = load_network(true);
  QuantRecipe recipe;
  recipe.scheme = c.scheme;
  recipe.mode = NumericsMode::aimet_torch_2;
  recipe.per_channel = c.per_channel;
  recipe.share_module_quantizers = false;
  place_quantizers(graph, recipe);
  const auto images = test::sample_images(64);
  const Preprocessor preprocessor = imagenet_preprocessor();
  const EncodingTable table =
      test::calibrate(graph, recipe, images, {0, 8, 16, 24, 32, 40, 48, 56}, 8, preprocessor);

  const auto comparison = test::compare_encodings(
      graph, table, test::read_oracle_encodings(oracle / (std::string(c.name) + ".torch.encodings")));
  EXPECT_EQ(comparison.quantizers, 43) << comparison.text();
  EXPECT_GE(comparison.equal, 43 * 99 / 100) << comparison.text();
  EXPECT_TRUE(comparison.only_in_oracle.empty()) << comparison.text();

  const auto logits = test::classify(*make_executor(graph, table, {"simulated", "cpu", recipe.mode}), graph, images,
                                     preprocessor);
  const Tensor expected = oracle_logits(c.name);
  double sum = 0, range = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    sum += std::abs(logits[i] - expected.values()[i]);
    range = std::max(range, static_cast<double>(std::abs(expected.values()[i])));
  }
  // A value at a rounding border takes a whole step, and later layers spread it: compare the bulk.
  EXPECT_LT(sum / static_cast<double>(logits.size()), 0.01 * range);
}

INSTANTIATE_TEST_SUITE_P(Schemes, ResnextTinyQuantized,
                         testing::Values(Case{"w8a8_tf", QuantScheme::tf, false},
                                         Case{"w8a8_tf_enhanced", QuantScheme::tf_enhanced, false},
                                         Case{"w8a8_tf_enhanced_per_channel", QuantScheme::tf_enhanced, true}),
                         [](const auto& param_info) { return std::string(param_info.param.name); });

}  // namespace
}  // namespace qeval
