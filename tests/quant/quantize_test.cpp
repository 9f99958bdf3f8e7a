// Every instruction set must quantize like the scalar definitions.
#include <bit>
#include <cmath>

#include <gtest/gtest.h>

#include "pipeline/errors.h"
#include "stages/quant/isa_dispatch.h"
#include "stages/quant/quantize.h"
#include "tests/quant/random_values.h"

namespace qeval::test {
namespace {

class Quantize : public testing::TestWithParam<Isa> {
 protected:
  void SetUp() override {
    limit_isa(GetParam());
    if (active_isa() != GetParam()) GTEST_SKIP() << "this CPU lacks the instruction set";
  }
  void TearDown() override { limit_isa(Isa::avx512); }
};

INSTANTIATE_TEST_SUITE_P(AllIsas, Quantize, testing::Values(Isa::baseline, Isa::avx2, Isa::avx512));

float code_by_definition(float x, const QdqParameters& p) {
  if (p.mode == NumericsMode::aimet_1_24) return std::round(std::fmax(std::fmin(x, p.max), p.min) / p.scale - p.offset);
  const float q = std::nearbyint(x * (1.0f / p.scale)) - p.offset;
  return std::isnan(q) ? q : std::fmin(std::fmax(q, 0.0f), p.levels);
}

float by_definition(float x, const QdqParameters& p) { return p.scale * (code_by_definition(x, p) + p.offset); }

std::vector<Encoding> encodings() {
  std::vector<Encoding> list;
  for (const int bits : {2, 3, 4, 7, 8, 12, 16})
    for (const double max : {0.0, 0.37, 2.0, 40.0})
      for (const double min : {0.0, -0.41, -2.0, -3e3}) {
        const double levels = (1 << bits) - 1;
        const double width = std::max(max - min, 1e-3);
        list.push_back({min, max, width / levels, std::round(min / (width / levels)), bits, false});
      }
  return list;
}

std::uint32_t bits_of(float x) { return std::isnan(x) ? 0x7fc00000u : std::bit_cast<std::uint32_t>(x); }

TEST_P(Quantize, DequantizedValuesEqualTheDefinitionToTheBit) {
  const auto values = difficult_values(3001, 11, 1.5f);
  for (const auto mode : {NumericsMode::aimet_1_24, NumericsMode::aimet_torch_2})
    for (const auto& encoding : encodings()) {
      const QdqParameters p = make_qdq(encoding, mode);
      std::vector<float> found(values.size());
      quantize_dequantize(values, found, p);
      for (std::size_t i = 0; i < values.size(); ++i)
        ASSERT_EQ(bits_of(found[i]), bits_of(by_definition(values[i], p)))
            << mode_name(mode) << ' ' << encoding.bits << " bit [" << encoding.min << ", " << encoding.max << "] of "
            << values[i];
    }
}

TEST_P(Quantize, CodesEqualTheDefinitionWithinTheGrid) {
  const auto values = difficult_values(3001, 12, 1.5f);
  for (const auto mode : {NumericsMode::aimet_1_24, NumericsMode::aimet_torch_2})
    for (const auto& encoding : encodings()) {
      const QdqParameters p = make_qdq(encoding, mode);
      std::vector<std::int32_t> found(values.size());
      quantize_codes(values, found, p);
      for (std::size_t i = 0; i < values.size(); ++i) {
        const float code = code_by_definition(values[i], p);
        const float wanted = std::isnan(code) ? 0 : std::fmin(std::fmax(code, 0.0f), p.levels);
        ASSERT_EQ(static_cast<float>(found[i]), wanted) << mode_name(mode) << ' ' << values[i];
      }
    }
}

TEST_P(Quantize, WorksInPlaceForEveryLength) {
  for (std::size_t n = 0; n < 70; ++n) {
    auto values = difficult_values(n, 13, 1.0f);
    std::vector<float> wanted(n);
    const QdqParameters p = make_qdq({.min = -1, .max = 2.5}, NumericsMode::aimet_1_24);
    quantize_dequantize(values, wanted, p);
    quantize_dequantize(values, values, p);
    EXPECT_EQ(values, wanted) << n;
  }
}

TEST_P(Quantize, ChannelsUseTheirOwnEncodings) {
  std::vector<float> values{0.3f, 5, 0.3f, 5};
  const EncodingList list{{.min = 0, .max = 1.5, .bits = 2}, {.min = 0, .max = 6, .bits = 2}};
  quantize_dequantize_channels(values, list, NumericsMode::aimet_1_24);
  EXPECT_EQ(values, (std::vector<float>{0.5f, 1.5f, 0, 6}));
}

TEST(QuantizeErrors, WhatCannotBeAppliedIsRefused) {
  const auto mode = NumericsMode::aimet_1_24;
  EXPECT_THROW(make_qdq({.bits = 0}, mode), InternalError);
  EXPECT_THROW(make_qdq({.bits = 17}, mode), InternalError);
  EXPECT_THROW(make_qdq({.min = 0, .max = 1e300}, mode), InputError);
  EXPECT_THROW(make_qdq({.min = std::nan(""), .max = 1}, mode), InputError);
  std::vector<float> five(5);
  EXPECT_THROW(quantize_dequantize_channels(five, EncodingList(2), mode), InternalError);
  EXPECT_THROW(quantize_dequantize_channels(five, {}, mode), InternalError);
  std::vector<float> four(4);
  EXPECT_THROW(quantize_dequantize(five, four, make_qdq({.max = 1}, mode)), InternalError);
}

}  // namespace
}  // namespace qeval::test
