// EfficientNet-Lite0 with its published weights on 1,000 ImageNet images, against PyTorch and aimet-torch 2.42.
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/infer/executor_library.h"
#include "stages/model/arch.h"
#include "stages/quant/fold_batch_norm.h"
#include "tests/infer/oracle_run.h"
#include "tests/support/shared_data.h"

namespace qeval {
namespace {

const std::filesystem::path oracle = test::shared_root() / "oracle/efficientnet-lite0";

/// QEVAL_DEMO names the file, or the folder it is in; else the folder demo/ that the quickstart fills.
std::filesystem::path weights_file() {
  const char* given = std::getenv("QEVAL_DEMO");
  const std::filesystem::path place = given ? std::filesystem::path(given) : std::filesystem::path(QEVAL_SOURCE_DIR) / "demo";
  return is_directory(place) ? place / "efficientnet-lite0-57934424.pth" : place;
}

#define QEVAL_REQUIRE_LITE0()                        \
  QEVAL_REQUIRE_SHARED("oracle/efficientnet-lite0"); \
  if (!std::filesystem::exists(weights_file()))      \
  GTEST_SKIP() << weights_file() << " is not here; tools/quickstart fetches it"

Graph load_network() {
  Graph graph = build_graph("efficientnet_lite0", {}, read_state_dict(weights_file()));
  fold_batch_norm(graph, NumericsMode::aimet_torch_2);
  return graph;
}

Preprocessor lite0_preprocessor() {
  Normalize normalize;
  normalize.range = Normalize::Range::bytes;
  normalize.mean = {127, 127, 127};
  normalize.std = {128, 128, 128};
  return Preprocessor({{}, {ResizeShortSide{}, CenterCrop{}, normalize}});
}

Tensor oracle_logits(const std::string& name) {
  return read_state_dict(oracle / (name + ".safetensors")).tensors.at("logits64");
}

TEST(EfficientnetLite0, FloatLogitsAndScoresArePyTorchs) {
  QEVAL_REQUIRE_LITE0();
  const Graph graph = load_network();
  const auto images = test::sample_images(1000);
  const auto logits = test::classify(*make_executor(graph, {}, {"float", "cpu"}), graph, images, lite0_preprocessor());
  EXPECT_EQ(test::count_top1(logits, images), 882);
  EXPECT_EQ(test::count_top5(logits, images), 974);
  EXPECT_LE(test::largest_difference(logits, oracle_logits("fp32_folded")), 1e-4f);
}

struct Case {
  const char* name;
  QuantScheme scheme;
  bool per_channel;
  int top1;
  std::vector<std::string> explained;
};

// Near-ties of the search: two candidates whose costs differ by 0.1 to 7 % on the histogram found here, a difference that
// the last bits of the folded weights move by as much. With one or two units in the last place added to them at random,
// each of these but the third below took the oracle's candidate in at least one of four runs; for that one and the
// fourth, aimet_torch 2.42 itself, run under torch 2.13, takes the candidate found here and not the oracle's.
const std::vector<std::string> near_ties_per_tensor{"_blocks.5._project_conv.module_conv2d_17:output",
                                                    "_blocks.10.module_add_5:output"};
const std::vector<std::string> near_ties_per_channel{
    "_blocks.1._depthwise_conv.module_conv2d_4:output", "_blocks.2.module_add:output",
    "_blocks.10._depthwise_conv.module_conv2d_31:output", "_blocks.12._depthwise_conv.module_conv2d_37:output"};

// How far a score may be from the oracle's. Measured: 781, 787 and 864 where the oracle has 782, 784 and 870. With one set
// of encodings, the same code gives 776 or 781 (tf) and 865 or 868 (per channel) depending only on the instruction set
// that oneDNN is allowed, because last bits of a sum flip whole quantization steps; aimet_torch 2.42 itself gives 865 per
// channel under torch 2.13 (the oracle was made under 2.14). Another processor may also settle other near-ties.
constexpr int score_variation = 8;
constexpr int more_near_ties = 3;

class EfficientnetLite0Quantized : public testing::TestWithParam<Case> {};

QuantRecipe recipe_of(const Case& c) {
  QuantRecipe recipe;
  recipe.scheme = c.scheme;
  recipe.mode = NumericsMode::aimet_torch_2;
  recipe.per_channel = c.per_channel;
  recipe.share_module_quantizers = false;
  return recipe;
}

Graph placed_network(const Case& c) {
  Graph graph = load_network();
  place_quantizers(graph, recipe_of(c));
  return graph;
}

TEST_P(EfficientnetLite0Quantized, EncodingsAndScoresAreAimets) {
  QEVAL_REQUIRE_LITE0();
  const Case& c = GetParam();
  const QuantRecipe recipe = recipe_of(c);
  const Graph graph = placed_network(c);
  const auto images = test::sample_images(1000);
  const Preprocessor preprocessor = lite0_preprocessor();
  std::vector<std::size_t> first_rows;
  for (std::size_t batch = 0; batch < 10; ++batch) first_rows.push_back(96 * batch);
  const EncodingTable table = test::calibrate(graph, recipe, images, first_rows, 16, preprocessor);

  const auto comparison = test::compare_encodings(
      graph, table, test::read_oracle_encodings(oracle / (std::string(c.name) + ".torch.encodings")));
  EXPECT_EQ(comparison.quantizers, 127) << comparison.text();
  EXPECT_THAT(comparison.unexplained(c.explained), testing::SizeIs(testing::Le(more_near_ties))) << comparison.text();
  EXPECT_TRUE(comparison.only_in_oracle.empty()) << comparison.text();

  const auto logits = test::classify(*make_executor(graph, table, {"simulated", "cpu", recipe.mode}), graph, images,
                                     preprocessor);
  const int top1 = test::count_top1(logits, images);
  EXPECT_NEAR(top1, c.top1, score_variation);
  RecordProperty("top1", top1);
}

// Calibration put aside: what is left is the arithmetic of the quantized forward pass.
TEST_P(EfficientnetLite0Quantized, ForwardPassWithAimetsEncodingsIsAimets) {
  QEVAL_REQUIRE_LITE0();
  const Case& c = GetParam();
  const Graph graph = placed_network(c);
  const EncodingTable table = test::read_oracle_table(graph, oracle / (std::string(c.name) + ".torch.encodings"));
  const auto images = test::sample_images(64);
  const auto logits = test::classify(*make_executor(graph, table, {"simulated", "cpu", NumericsMode::aimet_torch_2}),
                                     graph, images, lite0_preprocessor());
  // aimet_torch under torch 2.13 reaches a share of 0.889 in the per-channel setting.
  EXPECT_GE(test::share_within_a_step(logits, oracle_logits(c.name), graph, table), 0.8);
  EXPECT_GE(test::count_same_class(logits, oracle_logits(c.name)), 62);
}

INSTANTIATE_TEST_SUITE_P(Schemes, EfficientnetLite0Quantized,
                         testing::Values(Case{"w8a8_tf", QuantScheme::tf, false, 782, {}},
                                         Case{"w8a8_tf_enhanced", QuantScheme::tf_enhanced, false, 784,
                                              near_ties_per_tensor},
                                         Case{"w8a8_tf_enhanced_per_channel", QuantScheme::tf_enhanced, true,
                                              870, near_ties_per_channel}),
                         [](const auto& param_info) { return std::string(param_info.param.name); });

}  // namespace
}  // namespace qeval
