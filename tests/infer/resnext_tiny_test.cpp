// A small torchvision ResNeXt with random weights, against torchvision and aimet-torch 2.42.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/infer/executor_library.h"
#include "tests/infer/oracle_settings.h"

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

// Random weights leave the largest logits a step apart, so where other kernels move last bits, classes change.
constexpr int same_class_elsewhere = 58;

class ResnextTinyQuantized : public testing::TestWithParam<test::OracleSetting> {};

TEST_P(ResnextTinyQuantized, EncodingsAndLogitsAreAimets) {
  QEVAL_REQUIRE_SHARED("oracle/resnext-tiny");
  const auto agreement =
      test::agreement(network, GetParam(), test::run_calibrated(network, GetParam(), test::sample_images(64)));
  test::expect_oracles_encodings(agreement, 43);
  EXPECT_TRUE(agreement.encodings.only_here.empty()) << agreement.encodings.text();
  test::expect_oracles_logits(agreement, same_class_elsewhere);
}

TEST_P(ResnextTinyQuantized, ForwardPassWithAimetsEncodingsIsAimets) {
  QEVAL_REQUIRE_SHARED("oracle/resnext-tiny");
  test::expect_oracles_logits(
      test::agreement(network, GetParam(),
                      test::run_with_oracle_encodings(network, GetParam(), test::sample_images(64))),
      same_class_elsewhere);
}

INSTANTIATE_TEST_SUITE_P(
    Schemes, ResnextTinyQuantized,
    testing::Values(test::OracleSetting{"w8a8_tf", QuantScheme::tf, false},
                    test::OracleSetting{"w8a8_tf_enhanced", QuantScheme::tf_enhanced, false},
                    test::OracleSetting{"w8a8_tf_enhanced_per_channel", QuantScheme::tf_enhanced, true},
                    test::OracleSetting{"w8a8_cle_tf_enhanced", QuantScheme::tf_enhanced, false, true}),
    [](const auto& param_info) { return std::string(param_info.param.name); });

}  // namespace
}  // namespace qeval
