// A small torchvision ResNeXt with random weights, against torchvision and aimet-torch 2.42.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/infer/executor_library.h"
#include "tests/infer/oracle_networks.h"

namespace qeval {
namespace {

const test::OracleNetwork network = test::resnext_tiny();

struct FloatCase {
  const char* name;
  Graph (*graph)();
};

class ResnextTiny : public testing::TestWithParam<FloatCase> {};

TEST_P(ResnextTiny, FloatLogitsAreTorchvisions) {
  QEVAL_REQUIRE_SHARED("oracle/resnext-tiny");
  const Graph graph = GetParam().graph();
  const auto logits = network.classified(*make_executor(graph, {}, {"float", "cpu"}), graph, test::sample_images(64));
  const float difference = test::largest_difference(logits, network.logits(GetParam().name));
  RecordProperty("largest_difference", std::to_string(difference));
  EXPECT_LE(difference, 1e-4f);
}

INSTANTIATE_TEST_SUITE_P(Passes, ResnextTiny,
                         testing::Values(FloatCase{"fp32", [] { return network.load(); }},
                                         FloatCase{"fp32_folded", [] { return network.folded(); }},
                                         FloatCase{"fp32_equalized", [] { return network.equalized(); }}),
                         [](const auto& param_info) { return std::string(param_info.param.name); });

struct Case {
  const char* name;
  QuantScheme scheme;
  bool per_channel;
  bool equalized = false;
};

class ResnextTinyQuantized : public testing::TestWithParam<Case> {};

Graph placed_network(const Case& c) {
  Graph graph = c.equalized ? network.equalized() : network.folded();
  place_quantizers(graph, test::oracle_recipe(c.scheme, c.per_channel));
  return graph;
}

TEST_P(ResnextTinyQuantized, EncodingsAndLogitsAreAimets) {
  QEVAL_REQUIRE_SHARED("oracle/resnext-tiny");
  const Case& c = GetParam();
  const QuantRecipe recipe = test::oracle_recipe(c.scheme, c.per_channel);
  const Graph graph = placed_network(c);
  const auto images = test::sample_images(64);
  const EncodingTable table = network.calibrated(graph, recipe, images);

  const auto comparison =
      test::compare_encodings(graph, table, test::read_oracle_encodings(network.encodings(c.name)));
  EXPECT_EQ(comparison.quantizers, 43) << comparison.text();
  // All 43 here; one near-tie may be settled otherwise on another processor.
  EXPECT_GE(comparison.equal, 42) << comparison.text();
  EXPECT_TRUE(comparison.only_in_oracle.empty()) << comparison.text();
  EXPECT_TRUE(comparison.only_here.empty()) << comparison.text();
  const auto logits =
      network.classified(*make_executor(graph, table, {"simulated", "cpu", recipe.mode}), graph, images);
  EXPECT_GE(test::share_within_a_step(logits, network.logits(c.name), graph, table), 0.995);
  // Random weights leave the largest logits a step apart, so one step changes the class: 61 or 62 of 64 agree.
  EXPECT_GE(test::count_same_class(logits, network.logits(c.name)), 58);
}

// Calibration put aside: what is left is the arithmetic of the quantized forward pass.
TEST_P(ResnextTinyQuantized, ForwardPassWithAimetsEncodingsIsAimets) {
  QEVAL_REQUIRE_SHARED("oracle/resnext-tiny");
  const Case& c = GetParam();
  const Graph graph = placed_network(c);
  const EncodingTable table = test::read_oracle_table(graph, network.encodings(c.name));
  const auto images = test::sample_images(64);
  const auto logits = network.classified(
      *make_executor(graph, table, {"simulated", "cpu", NumericsMode::aimet_torch_2}), graph, images);
  EXPECT_GE(test::share_within_a_step(logits, network.logits(c.name), graph, table), 0.995);
  EXPECT_GE(test::count_same_class(logits, network.logits(c.name)), 58);
}

INSTANTIATE_TEST_SUITE_P(Schemes, ResnextTinyQuantized,
                         testing::Values(Case{"w8a8_tf", QuantScheme::tf, false},
                                         Case{"w8a8_tf_enhanced", QuantScheme::tf_enhanced, false},
                                         Case{"w8a8_tf_enhanced_per_channel", QuantScheme::tf_enhanced, true},
                                         Case{"w8a8_cle_tf_enhanced", QuantScheme::tf_enhanced, false, true}),
                         [](const auto& param_info) { return std::string(param_info.param.name); });

}  // namespace
}  // namespace qeval
