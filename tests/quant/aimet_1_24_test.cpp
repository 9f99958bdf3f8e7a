// Mode aimet-1.24 against numbers (encodings: aimet_vectors_test.cpp) of AIMET 1.24.0 itself; the doubles must be equal to the last bit.
#include <map>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/quant/analyzers/density.h"
#include "stages/quant/observer.h"
#include "stages/quant/quantize.h"
#include "tests/quant/aimet_inputs.h"
#include "tests/quant/aimet_vectors.h"

namespace qeval::test {
namespace {

constexpr auto mode = NumericsMode::aimet_1_24;

Encoding encode(const Batches& batches, QuantScheme scheme, const QuantizerSettings& settings) {
  const auto observer = make_observer(scheme, mode);
  for (const auto& batch : batches) observer->observe(batch);
  return observer->compute(settings);
}

TEST(Aimet124, InputRecipesGiveTheBytesTheOracleSaw) {
  QEVAL_REQUIRE_SHARED(vectors_path);
  for (const auto& [name, input] : aimet_vectors().at("inputs").items())
    EXPECT_EQ(sha256_hex(aimet_input(name).front()), input.at("sha256_f32le").get<std::string>()) << name;
}

TEST(Aimet124, HistogramOfOneBatchEqualsOracle) {
  QEVAL_REQUIRE_SHARED(vectors_path);
  const auto& wanted = aimet_vectors().at("histogram_1_24")[0];
  Density density(DensityLayout::float_edges);
  density.observe(aimet_input("A").front());
  EXPECT_EQ(density.left(0), wanted.at("xLeft0").get<double>());
  EXPECT_EQ(density.left(1), wanted.at("xLeft1").get<double>());
  std::map<std::size_t, double> nonzero;
  for (std::size_t i = 0; i < density.bins(); ++i)
    if (density.probabilities()[i] != 0) nonzero[i] = density.probabilities()[i] * 4096;
  std::map<std::size_t, double> expected;
  for (const auto& bin : wanted.at("nonzero_bins")) expected[bin[0].get<std::size_t>()] = bin[1].get<double>();
  EXPECT_EQ(nonzero, expected);
}

TEST(Aimet124, SecondBatchKeepsTheRangeAndLosesItsOutliers) {
  QEVAL_REQUIRE_SHARED(vectors_path);
  const auto& wanted = aimet_vectors().at("histogram_1_24")[1];
  Density density(DensityLayout::float_edges);
  for (const auto& batch : aimet_input("A then D")) density.observe(batch);
  double sum = 0;
  for (std::size_t i = 0; i < density.bins(); ++i) {
    EXPECT_EQ(density.probabilities()[i] * 8192, wanted.at("pdf_x8192")[i].get<double>()) << i;
    sum += density.probabilities()[i];
  }
  EXPECT_EQ(sum, wanted.at("pdf_sum").get<double>());
}

TEST(Aimet124, QuantizeDequantizeEqualsOracleDigests) {
  QEVAL_REQUIRE_SHARED(vectors_path);
  for (const auto& row : aimet_vectors().at("qdq_1_24")) {
    auto values = aimet_input(row.at("input").get<std::string>()).front();
    const Encoding encoding{.min = row.at("min").get<double>(), .max = row.at("max").get<double>()};
    quantize_dequantize(values, values, make_qdq(encoding, mode));
    EXPECT_EQ(sha256_hex(values), row.at("sha256_f32le").get<std::string>())
        << row.at("input") << row.at("scheme") << row.at("mode");
  }
}

// The numbers below are those AIMET 1.24.0 gives for the inputs of its own C++ tests. The inputs come from libstdc++'s
// normal_distribution.

std::vector<float> normal(float mean, unsigned seed, std::size_t n = 6000) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> distribution(mean, mean < 0 ? 1.0f : 2.0f);
  std::vector<float> values(n);
  for (float& x : values) x = distribution(generator);
  return values;
}

void expect_near(const Encoding& found, double min, double max, double scale, double offset) {
  EXPECT_NEAR(found.min, min, 1e-8 * std::abs(min));  // the numbers are given to nine digits
  EXPECT_NEAR(found.max, max, 1e-8 * std::abs(max));
  EXPECT_NEAR(found.scale, scale, 1e-8 * scale);
  EXPECT_EQ(found.offset, offset);
}

constexpr QuantizerSettings asymmetric{}, symmetric{.symmetric = true},
    strict{.symmetric = true, .strict_symmetric = true}, unsigned_{.symmetric = true, .unsigned_symmetric = true};

TEST(Aimet124, TfEnhancedEqualsOriginalUnitTests) {
  const auto scheme = QuantScheme::tf_enhanced;
  const auto wide = normal(2, 1);
  ASSERT_FLOAT_EQ(wide[0], 2.61279941f);
  expect_near(encode({wide}, scheme, asymmetric), -6.52710819, 8.88411903, .0604361854, -108);
  expect_near(encode({wide}, scheme, symmetric), -8.80801201, 8.73919868, .0688125938, -128);
  expect_near(encode({wide}, scheme, strict), -8.7736063, 8.7736063, .0690835118, -127);
  const auto low = normal(-2, 1);
  expect_near(encode({low}, scheme, asymmetric), -6.28536272, 1.42024994, .030218089, -208);
  expect_near(encode({low}, scheme, symmetric), -5.79517031, 5.74989557, .045274768, -128);
  expect_near(encode({low}, scheme, strict), -6.14900255, 6.14900255, .0484173447, -127);
  expect_near(encode({relu(low)}, scheme, unsigned_), 0, 1.45783436, .00571699766, 0);
}

TEST(Aimet124, TfEqualsOriginalUnitTests) {
  const auto scheme = QuantScheme::tf;
  expect_near(encode({normal(2, 10)}, scheme, asymmetric), -5.05236648, 10.4699643, .0608718853, -83);
  const auto values = normal(2, 100);
  expect_near(encode({values}, scheme, symmetric), -9.90235721, 9.82499504, .0773621657, -128);
  expect_near(encode({values}, scheme, strict), -9.82499504, 9.82499504, .0773621657, -127);
  expect_near(encode({relu(values)}, scheme, unsigned_), 0, 9.82499504, .0385293923, 0);
  expect_near(encode({values}, scheme, unsigned_), -9.90235721, 9.82499504, .0773621657, -128);
}

std::vector<float> qdq(std::vector<float> values, double min, double max) {
  quantize_dequantize(values, values, make_qdq({.min = min, .max = max}, mode));
  return values;
}

TEST(Aimet124, QuantizeDequantizeEqualsOriginalUnitTests) {
  using testing::FloatEq;
  using testing::Pointwise;
  const std::vector<float> x{-.5f, -.25f, 0, .25f, .5f, .75f};
  const auto near = [](std::vector<float> wanted) { return Pointwise(testing::FloatNear(1e-6f), wanted); };
  EXPECT_THAT(qdq(x, -.46, .72), near({-.45811763f, -.24988234f, 0, .24988234f, .49976468f, .72188234f}));
  EXPECT_THAT(qdq(x, .5, 1.0), near({0, 0, 0, .25098041f, .49803925f, .74901962f}));
  EXPECT_THAT(qdq(x, .5, .5), near({0, 0, 0, .24901962f, .5f, .5f}));
  EXPECT_THAT(qdq(x, -.5, -.1), near({-.5f, -.24901962f, 0, 0, 0, 0}));
  const Encoding encoding = encode({normal(2, 1)}, QuantScheme::tf_enhanced, asymmetric);
  EXPECT_THAT(qdq({5}, encoding.min, encoding.max), near({5.0162034f}));
}

TEST(Aimet124, CodesEqualOriginalUnitTests) {
  const auto codes = [](const std::vector<float>& values, double min, double max) {
    std::vector<std::int32_t> found(values.size());
    quantize_codes(values, found, make_qdq({.min = min, .max = max}, mode));
    return found;
  };
  EXPECT_THAT(codes({-.5f, -.25f, 0, .25f, .5f, .75f}, -.46, .72), testing::ElementsAre(0, 45, 99, 153, 207, 255));
  const std::vector<float> packed{-40, -1, 0, 1, 2, -50, 80};
  const Encoding range = encode({packed}, QuantScheme::tf, asymmetric);
  EXPECT_THAT(codes(packed, range.min, range.max), testing::ElementsAre(20, 96, 98, 100, 102, 0, 255));
}

TEST(Aimet124, TiesRoundTowardsPlusInfinity) {
  const std::vector<float> x{-2.5f, -1.5f, -.5f, .5f, 1.5f, 2.5f, 126.5f, 300, -127.5f, -300};
  EXPECT_THAT(qdq(x, -128, 127), testing::ElementsAre(-2, -1, 0, 1, 2, 3, 127, 127, -127, -128));
}

TEST(Aimet124, RangeSymmetricToTheLastBitLosesOneStep) {
  EXPECT_EQ(make_qdq({.min = -127, .max = 127}, mode).levels, 254);
  EXPECT_EQ(make_qdq({.min = -127, .max = 127.00001}, mode).levels, 255);
}

TEST(Aimet124, NotANumberBecomesTheMaximum) {
  EXPECT_EQ(qdq({std::numeric_limits<float>::quiet_NaN()}, -1, 2)[0], qdq({2}, -1, 2)[0]);
}

TEST(Aimet124, ConstantDataGetARangeToZero) {
  const auto scheme = QuantScheme::tf_enhanced;
  expect_near(encode({std::vector<float>(6000, 4.0f)}, scheme, asymmetric), 0, 4.00001955, .0156863518, 0);
  expect_near(encode({std::vector<float>(6000, -5.0f)}, scheme, asymmetric), -4.99998045, 0, .0196077656, -255);
}

TEST(Aimet124, NoDataGivesAnEncodingThatIsOff) {
  for (const auto scheme : {QuantScheme::tf, QuantScheme::tf_enhanced}) EXPECT_EQ(encode({}, scheme, {}).bits, 0);
}

TEST(Aimet124, InfiniteValuesAreRefusedByTheHistogram) {
  const auto observer = make_observer(QuantScheme::tf_enhanced, mode);
  EXPECT_THROW(observer->observe(std::vector<float>{1, std::numeric_limits<float>::infinity()}), std::exception);
}

}  // namespace
}  // namespace qeval::test
