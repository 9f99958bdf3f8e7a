// AIMET 1.24's own C++ tests of its analyzers (DlQuantization/test), replayed: their inputs, and the encodings that
// AIMET 1.24.0 gives for them, to all digits known; then the tests' own bounds where they say more.
#include <algorithm>

#include "tests/quant/aimet_inputs.h"
#include "tests/quant/aimet_own_tests.h"

namespace qeval::test {
namespace {

constexpr QuantizerSettings asymmetric{}, symmetric{.symmetric = true},
    strict{.symmetric = true, .strict_symmetric = true}, without_sign{.symmetric = true, .unsigned_symmetric = true};

QuantizerSettings at_percentile(double percentile, QuantizerSettings settings = {}) {
  settings.percentile = percentile;
  return settings;
}

TEST(AimetOwnAnalyzers, TheDistributionIsThatOfLibstdcxx) {
  const auto values = own_normal(2, 2, 1);
  EXPECT_FLOAT_EQ(values[0], 2.61279941f);
  EXPECT_FLOAT_EQ(values[1], 2.31213140f);
  EXPECT_FLOAT_EQ(values[2], 1.15122747f);
  EXPECT_FLOAT_EQ(values[3], 0.86392045f);
  EXPECT_FLOAT_EQ(*std::min_element(values.begin(), values.end()), -6.579211f);
  EXPECT_FLOAT_EQ(*std::max_element(values.begin(), values.end()), 8.892452f);
}

TEST(AimetOwnAnalyzers, TfEnhanced) {
  const auto scheme = QuantScheme::tf_enhanced;
  const auto wide = own_normal(2, 2, 1);
  expect_encoding(own_encoding(wide, scheme, asymmetric), -6.52710819, 8.88411903, .0604361854, -108);
  expect_encoding(own_encoding(wide, scheme, symmetric), -8.80801201, 8.73919868, .0688125938, -128);
  expect_encoding(own_encoding(wide, scheme, strict), -8.7736063, 8.7736063, .0690835118, -127);
  const auto low = own_normal(-2, 1, 1);
  expect_encoding(own_encoding(low, scheme, asymmetric), -6.28536272, 1.42024994, .030218089, -208);
  expect_encoding(own_encoding(low, scheme, symmetric), -5.79517031, 5.74989557, .045274768, -128);
  expect_encoding(own_encoding(low, scheme, strict), -6.14900255, 6.14900255, .0484173447, -127);
  expect_encoding(own_encoding(relu(low), scheme, without_sign), 0, 1.45783436, .00571699766, 0);
}

TEST(AimetOwnAnalyzers, Tf) {
  const auto scheme = QuantScheme::tf;
  expect_encoding(own_encoding(own_normal(2, 2, 10), scheme, asymmetric), -5.05236648, 10.4699643, .0608718853, -83);
  const auto values = own_normal(2, 2, 100);
  expect_encoding(own_encoding(values, scheme, symmetric), -9.90235721, 9.82499504, .0773621657, -128);
  expect_encoding(own_encoding(values, scheme, strict), -9.82499504, 9.82499504, .0773621657, -127);
  expect_encoding(own_encoding(relu(values), scheme, without_sign), 0, 9.82499504, .0385293923, 0);
  expect_encoding(own_encoding(values, scheme, without_sign), -9.90235721, 9.82499504, .0773621657, -128);
}

TEST(AimetOwnAnalyzers, PercentileAtAHundredThousandSamples) {
  const auto scheme = QuantScheme::percentile;
  const Encoding wide = own_encoding(own_normal(2, 2, 1, 100000), scheme, at_percentile(99.9999));
  expect_encoding(wide, -6.5258304, 10.9908723, .0686929516, -95);
  EXPECT_GT(wide.min, 2 - 6 * 2);
  EXPECT_LT(wide.max, 2 + 6 * 2);
  expect_encoding(own_encoding(own_normal(2, 2, 1), scheme, at_percentile(99.9, symmetric)), -8.47517455, 8.40896225,
                  .0662123012, -128);
  expect_encoding(own_encoding(own_normal(-2, 1, 1), scheme, at_percentile(99.9, strict)), -5.18664551, 5.18664551,
                  .0408397284, -127);
}

TEST(AimetOwnAnalyzers, MseAtAHundredThousandSamples) {
  const auto values = own_normal(2, 2, 1, 100000);
  const Encoding found = own_encoding(values, QuantScheme::mse, asymmetric);
  expect_encoding(found, -5.81138763, 9.95354691, .0618232727, -94);
  EXPECT_GT(found.min, *std::min_element(values.begin(), values.end()));
  EXPECT_LT(found.max, *std::max_element(values.begin(), values.end()));
}

TEST(AimetOwnAnalyzers, EqualValuesGetARangeToZero) {
  for (const std::size_t n : {600u, 6000u}) {
    const std::vector<float> fours(n, 4.0f), minus_fives(n, -5.0f);
    const auto scheme = QuantScheme::tf_enhanced;
    expect_encoding(own_encoding(fours, scheme, asymmetric), 0, 4.00001955, .0156863518, 0);
    expect_encoding(own_encoding(minus_fives, scheme, asymmetric), -4.99998045, 0, .0196077656, -255);
    const auto percentile = at_percentile(99.9999);
    expect_encoding(own_encoding(fours, QuantScheme::percentile, percentile), 0, 4.0000782, .0156865812, 0);
    expect_encoding(own_encoding(minus_fives, QuantScheme::percentile, percentile), -4.99998045, 0, .0196077665, -255);
  }
}

TEST(AimetOwnAnalyzers, OnlyZerosGetTheRangeAroundOne) {
  const std::vector<float> zeros(6000, 0.0f);
  const Encoding found = own_encoding(zeros, QuantScheme::tf_enhanced, asymmetric);
  EXPECT_NEAR(found.min, -1.00392, 1e-4);
  EXPECT_NEAR(found.max, 0.996078, 1e-4);
  EXPECT_EQ(found.offset, -128);
}

struct RangeCase {
  float low, high;
  double min, max, scale, offset;
};

// test_quantization_lib_tf_cpu: ComputeDeltaOffset.
TEST(AimetOwnAnalyzers, RangesAreExtendedToZero) {
  for (const RangeCase& c : {RangeCase{-40, 80, -40, 80, .4706, -85}, RangeCase{10, 10, 0, 10, .0392, 0},
                             RangeCase{0, 0, 0, .01, .01 / 255, 0}, RangeCase{1000, 1200, 0, 1200, 4.7059, 0},
                             RangeCase{-8, -5, -8, 0, .0314, -255}}) {
    const Encoding found = own_encoding({c.low, c.high}, QuantScheme::tf, asymmetric);
    EXPECT_DOUBLE_EQ(found.min, c.min) << c.low;
    EXPECT_DOUBLE_EQ(found.max, c.max) << c.low;
    EXPECT_NEAR(found.scale, c.scale, 1e-4) << c.low;
    EXPECT_EQ(found.offset, c.offset) << c.low;
  }
}

}  // namespace
}  // namespace qeval::test
