// EfficientNet-Lite0 with its published weights on 1,000 ImageNet images, against PyTorch and aimet-torch 2.42.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/infer/executor_library.h"
#include "tests/infer/oracle_settings.h"

namespace qeval {
namespace {

const test::OracleNetwork network = test::efficientnet_lite0();

TEST(EfficientnetLite0, FloatLogitsAndScoresArePyTorchs) {
  QEVAL_REQUIRE_LITE0();
  const Graph graph = network.folded();
  const auto images = test::sample_images(1000);
  const auto logits = network.classified(*make_executor(graph, {}, {"float", "cpu"}), graph, images);
  EXPECT_EQ(test::count_top1(logits, images), 882);
  EXPECT_EQ(test::count_top5(logits, images), 974);
  EXPECT_LE(test::largest_difference(logits, network.logits("fp32_folded")), 1e-4f);
}

class EfficientnetLite0Quantized : public testing::TestWithParam<test::OracleScore> {};

TEST_P(EfficientnetLite0Quantized, EncodingsAndScoresAreAimets) {
  QEVAL_REQUIRE_LITE0();
  const auto images = test::sample_images(1000);
  const test::QuantizedRun run = test::run_calibrated(network, GetParam().setting, images);
  const test::OracleAgreement agreement = test::agreement(network, GetParam().setting, run);
  test::expect_oracles_encodings(agreement, 127);
  const int top1 = test::count_top1(run.logits, images);
  RecordProperty("top1", top1);
  EXPECT_NEAR(top1, GetParam().top1, test::has_oracles_kernels() ? 3 : 8);
  const int same = test::count_same_top5(run.logits, network.top5(GetParam().setting.name));
  RecordProperty("same_top5", same);
  EXPECT_GE(same, test::has_oracles_kernels() ? 990 : 500);
}

TEST_P(EfficientnetLite0Quantized, ForwardPassWithAimetsEncodingsIsAimets) {
  QEVAL_REQUIRE_LITE0();
  test::expect_oracles_logits(
      test::agreement(network, GetParam().setting,
                      test::run_with_oracle_encodings(network, GetParam().setting, test::sample_images(64))),
      62);
}

INSTANTIATE_TEST_SUITE_P(Schemes, EfficientnetLite0Quantized,
                         testing::Values(test::OracleScore{{"w8a8_tf", QuantScheme::tf, false}, 782},
                                         test::OracleScore{{"w8a8_tf_enhanced", QuantScheme::tf_enhanced, false}, 784},
                                         test::OracleScore{
                                             {"w8a8_tf_enhanced_per_channel", QuantScheme::tf_enhanced, true}, 870}),
                         [](const auto& param_info) { return std::string(param_info.param.setting.name); });

}  // namespace
}  // namespace qeval
