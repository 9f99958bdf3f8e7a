// Mode aimet-torch-2 against aimet_torch 2.42's own encodings (shared/oracle), and against numbers that torch gives
// when the analyzers' formulas are executed with torch operators.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "stages/model/weights/state_dict.h"
#include "stages/quant/analyzers/growing_histogram.h"
#include "stages/quant/analyzers/observer.h"
#include "stages/quant/arithmetic/quantize.h"
#include "stages/quant/files/aimet_encodings.h"
#include "tests/quant/aimet_inputs.h"
#include "tests/quant/aimet_vectors.h"

namespace qeval::test {
namespace {

constexpr auto mode = NumericsMode::aimet_torch_2;
constexpr const char* tiny_network = "oracle/resnext-tiny/state_dict.pth";

struct TorchNumber {
  const char* input;
  QuantScheme scheme;
  int bits;
  bool symmetric, strict;
  float scale;
  double offset;
};

TEST(AimetTorch2, EncodingsEqualTorchOperators) {
  const TorchNumber rows[] = {
      {"W", QuantScheme::tf, 8, false, false, 0x1.d68a9ep-10, -134},
      {"W", QuantScheme::tf, 8, true, false, 0x1.ee4532p-10, -128},
      {"W", QuantScheme::tf, 4, false, false, 0x1.f3f348p-6, -8},
      {"W", QuantScheme::tf, 8, true, true, 0x1.f22984p-10, -127},
      {"W", QuantScheme::tf, 16, true, false, 0x1.ee4530p-18, -32768},
      {"W", QuantScheme::tf_enhanced, 8, false, false, 0x1.d68a9ep-10, -134},
      {"W", QuantScheme::tf_enhanced, 8, true, false, 0x1.e648d0p-10, -128},
      {"W", QuantScheme::tf_enhanced, 4, false, false, 0x1.76f676p-6, -7},
      {"W", QuantScheme::tf_enhanced, 8, true, true, 0x1.e832eep-10, -127},
      {"W", QuantScheme::tf_enhanced, 16, true, false, 0x1.ee471ep-18, -32768},
      {"A then D", QuantScheme::tf, 8, false, false, 0x1.c16eacp-4, -125},
      {"A then D", QuantScheme::tf, 8, true, false, 0x1.cd2eeap-4, -128},
      {"A then D", QuantScheme::tf, 4, false, false, 0x1.dd8598p+0, -7},
      {"A then D", QuantScheme::tf, 8, true, true, 0x1.cd2eecp-4, -127},
      {"A then D", QuantScheme::tf, 16, true, false, 0x1.c99822p-12, -32768},
      {"A then D", QuantScheme::tf_enhanced, 8, false, false, 0x1.ba61e6p-4, -123},
      {"A then D", QuantScheme::tf_enhanced, 8, true, false, 0x1.c6c7eep-4, -128},
      {"A then D", QuantScheme::tf_enhanced, 4, false, false, 0x1.662432p+0, -7},
      {"A then D", QuantScheme::tf_enhanced, 8, true, true, 0x1.c8924ap-4, -127},
      {"A then D", QuantScheme::tf_enhanced, 16, true, false, 0x1.c99658p-12, -32768},
      {"B then relu(D)", QuantScheme::tf, 8, false, false, 0x1.cb5feep-5, 0},
      {"B then relu(D)", QuantScheme::tf, 8, true, false, 0x1.cd2eeap-4, -128},
      {"B then relu(D)", QuantScheme::tf, 4, false, false, 0x1.e815ecp-1, 0},
      {"B then relu(D)", QuantScheme::tf, 8, true, true, 0x1.cd2eecp-4, -127},
      {"B then relu(D)", QuantScheme::tf, 16, true, false, 0x1.c99822p-12, -32768},
      {"B then relu(D)", QuantScheme::tf_enhanced, 8, false, false, 0x1.275132p-5, 0},
      {"B then relu(D)", QuantScheme::tf_enhanced, 8, true, false, 0x1.275132p-4, -128},
      {"B then relu(D)", QuantScheme::tf_enhanced, 4, false, false, 0x1.3728e2p-1, 0},
      {"B then relu(D)", QuantScheme::tf_enhanced, 8, true, true, 0x1.287ad6p-4, -127},
      {"B then relu(D)", QuantScheme::tf_enhanced, 16, true, false, 0x1.262b06p-12, -32768},
      {"const4", QuantScheme::tf, 8, false, false, 0x1.010102p-6, 0},
      {"const4", QuantScheme::tf, 8, true, false, 0x1.020408p-5, -128},
      {"const4", QuantScheme::tf, 4, false, false, 0x1.111112p-2, 0},
      {"const4", QuantScheme::tf, 8, true, true, 0x1.020408p-5, -127},
      {"const4", QuantScheme::tf, 16, true, false, 0x1.000200p-13, -32768},
      {"const4", QuantScheme::tf_enhanced, 8, false, false, 0x1.010102p-6, 0},
      {"const4", QuantScheme::tf_enhanced, 8, true, false, 0x1.0392f0p-5, -128},
      {"const4", QuantScheme::tf_enhanced, 4, false, false, 0x1.111112p-2, 0},
      {"const4", QuantScheme::tf_enhanced, 8, true, true, 0x1.020408p-5, -127},
      {"const4", QuantScheme::tf_enhanced, 16, true, false, 0x1.02905ep-13, -32768},
      {"zeros", QuantScheme::tf, 8, false, false, 0x1.000000p-23, 0},
      {"zeros", QuantScheme::tf, 8, true, false, 0x1.000000p-23, -128},
      {"zeros", QuantScheme::tf, 4, false, false, 0x1.000000p-23, 0},
      {"zeros", QuantScheme::tf, 8, true, true, 0x1.000000p-23, -127},
      {"zeros", QuantScheme::tf, 16, true, false, 0x1.000000p-23, -32768},
      {"zeros", QuantScheme::tf_enhanced, 8, false, false, 0x1.000000p-23, 0},
      {"zeros", QuantScheme::tf_enhanced, 8, true, false, 0x1.028f5cp-22, -128},
      {"zeros", QuantScheme::tf_enhanced, 4, false, false, 0x1.000000p-23, 0},
      {"zeros", QuantScheme::tf_enhanced, 8, true, true, 0x1.028f5cp-22, -127},
      {"zeros", QuantScheme::tf_enhanced, 16, true, false, 0x1.000000p-23, -32768},
      {"zeros then A", QuantScheme::tf, 8, false, false, 0x1.ce78b0p-6, -125},
      {"zeros then A", QuantScheme::tf, 8, true, false, 0x1.da5e24p-6, -128},
      {"zeros then A", QuantScheme::tf, 4, false, false, 0x1.eb603cp-2, -7},
      {"zeros then A", QuantScheme::tf, 8, true, true, 0x1.da5e24p-6, -127},
      {"zeros then A", QuantScheme::tf, 16, true, false, 0x1.d6ad16p-14, -32768},
      {"zeros then A", QuantScheme::tf_enhanced, 8, false, false, 0x1.010102p-6, -127},
      {"zeros then A", QuantScheme::tf_enhanced, 8, true, false, 0x1.0392f0p-6, -128},
      {"zeros then A", QuantScheme::tf_enhanced, 4, false, false, 0x1.111112p-2, -7},
      {"zeros then A", QuantScheme::tf_enhanced, 8, true, true, 0x1.020408p-6, -127},
      {"zeros then A", QuantScheme::tf_enhanced, 16, true, false, 0x1.000100p-14, -32768},
      {"tiny", QuantScheme::tf, 8, false, false, 0x1.39cf16p-23, -23},
      {"tiny", QuantScheme::tf, 8, true, false, 0x1.3b4bc4p-23, -128},
      {"tiny", QuantScheme::tf, 4, false, false, 0x1.eb603cp-22, -7},
      {"tiny", QuantScheme::tf, 8, true, true, 0x1.3b4bc4p-23, -127},
      {"tiny", QuantScheme::tf, 16, true, false, 0x1.003ad6p-23, -32768},
      {"tiny", QuantScheme::tf_enhanced, 8, false, false, 0x1.000000p-23, -28},
      {"tiny", QuantScheme::tf_enhanced, 8, true, false, 0x1.000000p-23, -128},
      {"tiny", QuantScheme::tf_enhanced, 4, false, false, 0x1.8f3e2ep-22, -8},
      {"tiny", QuantScheme::tf_enhanced, 8, true, true, 0x1.000000p-23, -127},
      {"tiny", QuantScheme::tf_enhanced, 16, true, false, 0x1.000000p-23, -32768},
  };
  for (const auto& row : rows) {
    const auto observer = make_observer(row.scheme, mode);
    for (const auto& batch : aimet_input(row.input)) observer->observe(batch);
    const auto found =
        observer->compute({.bits = row.bits, .symmetric = row.symmetric, .strict_symmetric = row.strict});
    const auto what = std::string(row.input) + " " + scheme_name(row.scheme) + " " + std::to_string(row.bits);
    EXPECT_EQ(found.scale, row.scale) << what;
    EXPECT_EQ(found.offset, row.offset) << what;
  }
}

/// The classifier's weights have no batch norm before them: their encodings depend on the analyzer alone.
void expect_classifier_encodings(const std::string& name, QuantScheme scheme, bool per_channel) {
  const auto folder = shared_root() / "oracle/resnext-tiny";
  const Tensor weight = read_state_dict(folder / "state_dict.pth").tensors.at("fc.weight");
  const EncodingList wanted =
      encodings_by_name(read_encodings_file(folder / (name + ".torch.encodings"))).at("fc.weight");
  const EncodingList found =
      compute_weight_encodings(weight.values(), TensorSlices(weight.shape(), {.channel_axis = per_channel ? 0 : -1}),
                               scheme, mode, {.bits = 8, .symmetric = true});
  ASSERT_EQ(found.size(), wanted.size());
  for (std::size_t c = 0; c < found.size(); ++c) {
    EXPECT_EQ(found[c].scale, wanted[c].scale) << c;
    EXPECT_EQ(found[c].offset, wanted[c].offset) << c;
    EXPECT_EQ(found[c].min, wanted[c].min) << c;
    EXPECT_EQ(found[c].max, wanted[c].max) << c;
  }
}

TEST(AimetTorch2, TfWeightEncodingEqualsOracle) {
  QEVAL_REQUIRE_SHARED(tiny_network);
  expect_classifier_encodings("w8a8_tf", QuantScheme::tf, false);
}

TEST(AimetTorch2, TfEnhancedWeightEncodingEqualsOracle) {
  QEVAL_REQUIRE_SHARED(tiny_network);
  expect_classifier_encodings("w8a8_tf_enhanced", QuantScheme::tf_enhanced, false);
}

TEST(AimetTorch2, ThousandChannelsEqualOracle) {
  QEVAL_REQUIRE_SHARED(tiny_network);
  expect_classifier_encodings("w8a8_tf_enhanced_per_channel", QuantScheme::tf_enhanced, true);
}

TEST(AimetTorch2, TiesRoundToEvenAndNotANumberStays) {
  std::vector<float> x{-2.5f, -1.5f, -.5f, .5f, 1.5f, 2.5f, 126.5f, 300, -127.5f, -300};
  const auto grid = make_qdq({.min = -128, .max = 127, .scale = 1, .offset = -128, .symmetric = true}, mode);
  quantize_dequantize(x, x, grid);
  EXPECT_THAT(x, testing::ElementsAre(-2, -2, 0, 0, 2, 2, 126, 127, -128, -128));
  std::vector<float> nan{std::numeric_limits<float>::quiet_NaN()};
  quantize_dequantize(nan, nan, grid);
  EXPECT_TRUE(std::isnan(nan[0]));
}

TEST(AimetTorch2, QuantizeDequantizeEqualsTorchDigest) {
  auto values = aimet_input("A").front();
  quantize_dequantize(values, values, make_qdq({.scale = 0.0277, .offset = -125}, mode));
  EXPECT_EQ(sha256_hex(values), "c95a27166fe18ad54a60e98c25ec8665cd84293fcc453372de2fe01fa24a2ed2");
}

TEST(AimetTorch2, StrictGridHasOneStepLess) {
  EXPECT_EQ(make_qdq({.scale = 1, .offset = -127, .symmetric = true}, mode).levels, 254);
  EXPECT_EQ(make_qdq({.scale = 1, .offset = -127, .symmetric = false}, mode).levels, 255);
}

TEST(AimetTorch2, EncodingWithoutScaleIsRefused) { EXPECT_THROW(make_qdq({.min = 0, .max = 0}, mode), InputError); }

TEST(AimetTorch2, NoDataGivesAnEncodingThatIsOff) {
  for (const auto scheme : {QuantScheme::tf, QuantScheme::tf_enhanced})
    EXPECT_EQ(make_observer(scheme, mode)->compute({}).bits, 0);
}

TEST(AimetTorch2, InfinitiesCountIntoTheOuterBinsWithoutMovingTheRange) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  auto values = aimet_input("A").front();
  GrowingHistogram clean(512, 3.0f);
  clean.observe(values);
  values.insert(values.end(), {infinity, -infinity, infinity, std::nanf("")});
  GrowingHistogram dirty(512, 3.0f);
  dirty.observe(values);
  EXPECT_EQ(dirty.min(), clean.min());
  EXPECT_EQ(dirty.max(), clean.max());
  EXPECT_EQ(dirty.counts().front(), clean.counts().front() + 1);
  EXPECT_EQ(dirty.counts().back(), clean.counts().back() + 2);
}

TEST(AimetTorch2, HistogramGrowsToThreeTimesTheFirstRangeAtMost) {
  GrowingHistogram histogram(512, 3.0f);
  histogram.observe(std::vector<float>{-1, 1});
  histogram.observe(std::vector<float>{-100, 2});
  EXPECT_EQ(histogram.min(), -4);  // −1 − 3/2 · 2
  EXPECT_EQ(histogram.max(), 2);
  float sum = 0;
  for (const float count : histogram.counts()) sum += count;
  EXPECT_EQ(sum, 4);
}

TEST(AimetTorch2, MinMaxRefusesNotANumber) {
  EXPECT_THROW(make_observer(QuantScheme::tf, mode)->observe(std::vector<float>{1, std::nanf("")}), RunError);
}

}  // namespace
}  // namespace qeval::test
