// Mode aimet-1.24 against numbers (encodings: aimet_vectors_test.cpp) of AIMET 1.24.0 itself; the doubles must be equal
// to the last bit.
#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stages/quant/analyzers/density.h"
#include "stages/quant/analyzers/observer.h"
#include "stages/quant/arithmetic/quantize.h"
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

std::vector<float> qdq(std::vector<float> values, double min, double max) {
  quantize_dequantize(values, values, make_qdq({.min = min, .max = max}, mode));
  return values;
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

TEST(Aimet124, NoDataGivesAnEncodingThatIsOff) {
  for (const auto scheme : {QuantScheme::tf, QuantScheme::tf_enhanced}) EXPECT_EQ(encode({}, scheme, {}).bits, 0);
}

TEST(Aimet124, InfiniteValuesAreRefusedByTheHistogram) {
  const auto observer = make_observer(QuantScheme::tf_enhanced, mode);
  EXPECT_THROW(observer->observe(std::vector<float>{1, std::numeric_limits<float>::infinity()}), std::exception);
}

}  // namespace
}  // namespace qeval::test
