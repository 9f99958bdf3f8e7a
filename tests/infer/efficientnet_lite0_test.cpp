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

struct Case {
  test::OracleSetting setting;
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

// How far a score may be from the oracle's. Measured: 781, 787 and 866 where the oracle has 782, 784 and 870. With one set
// of encodings, the same code gives 776 or 781 (tf) and 865 or 868 (per channel) depending only on the instruction set
// that oneDNN is allowed, because last bits of a sum flip whole quantization steps; aimet_torch 2.42 itself gives 865 per
// channel under torch 2.13 (the oracle was made under 2.14). Another processor may also settle other near-ties.
constexpr int score_variation = 8;
constexpr int more_near_ties = 3;

class EfficientnetLite0Quantized : public testing::TestWithParam<Case> {};

TEST_P(EfficientnetLite0Quantized, EncodingsAndScoresAreAimets) {
  QEVAL_REQUIRE_LITE0();
  const Case& c = GetParam();
  const auto images = test::sample_images(1000);
  const test::QuantizedRun run = test::run_calibrated(network, c.setting, images);

  const test::OracleAgreement agreement = test::agreement(network, c.setting, run);
  const auto& comparison = agreement.encodings;
  EXPECT_EQ(comparison.quantizers, 127) << comparison.text();
  EXPECT_THAT(comparison.unexplained(c.explained), testing::SizeIs(testing::Le(more_near_ties))) << comparison.text();
  EXPECT_TRUE(comparison.only_in_oracle.empty()) << comparison.text();
  // Of the 22,008 scales per channel all but 77 are the oracle's to the bit, and those lie one unit in the last place off.
  if (c.setting.per_channel) {
    EXPECT_GE(agreement.equal_weight_scales, 0.99);
  }

  const int top1 = test::count_top1(run.logits, images);
  EXPECT_NEAR(top1, c.top1, score_variation);
  RecordProperty("top1", top1);
}

TEST_P(EfficientnetLite0Quantized, ForwardPassWithAimetsEncodingsIsAimets) {
  QEVAL_REQUIRE_LITE0();
  const test::OracleSetting& setting = GetParam().setting;
  const auto agreement = test::agreement(
      network, setting, test::run_with_oracle_encodings(network, setting, test::sample_images(64)));
  // aimet_torch agrees with itself on 0.88, 0.95 and 0.94 of the logits when only the memory order of the images
  // changes, and with the oracle on 0.95, 0.94 and 0.86 (tools/oracle/aimet_self_agreement.py).
  EXPECT_GE(agreement.share_within_a_step, 0.8);
  EXPECT_GE(agreement.same_class, 62);
}

INSTANTIATE_TEST_SUITE_P(
    Schemes, EfficientnetLite0Quantized,
    testing::Values(Case{{"w8a8_tf", QuantScheme::tf, false}, 782, {}},
                    Case{{"w8a8_tf_enhanced", QuantScheme::tf_enhanced, false}, 784, near_ties_per_tensor},
                    Case{{"w8a8_tf_enhanced_per_channel", QuantScheme::tf_enhanced, true}, 870, near_ties_per_channel}),
    [](const auto& param_info) { return std::string(param_info.param.setting.name); });

}  // namespace
}  // namespace qeval
