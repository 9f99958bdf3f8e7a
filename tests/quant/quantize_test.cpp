// Every instruction set must quantize like the scalar definitions.
#include <algorithm>
#include <bit>
#include <cfenv>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "stages/quant/arithmetic/isa_dispatch.h"
#include "stages/quant/arithmetic/quantize.h"
#include "tests/quant/every_isa.h"
#include "tests/quant/random_values.h"

namespace qeval::test {
namespace {

QEVAL_ON_EVERY_ISA(Quantize);

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

/// Those, and wide ones.
std::vector<Encoding> encodings_up_to_32_bits() {
  std::vector<Encoding> list = encodings();
  for (const int bits : {22, 23, 24, 32}) {
    const double scale = 3.0 / (std::ldexp(1.0, bits) - 1);
    list.push_back({-1, 2, scale, std::round(-1 / scale), bits, false});
  }
  return list;
}

bool notes_an_invalid_operation(float x, const QdqParameters& p) {
  const std::vector<float> in(67, x);
  std::vector<float> out(in.size());
  std::feclearexcept(FE_INVALID);
  quantize_dequantize(in, out, p);
  return std::fetestexcept(FE_INVALID) != 0;
}

/// What tells a network's user of a NaN that became a number.
TEST_P(Quantize, OnlyALostNanIsAnInvalidOperation) {
  constexpr float infinity = std::numeric_limits<float>::infinity(), largest = std::numeric_limits<float>::max();
  for (const NumericsMode mode :
       {NumericsMode::aimet_1_24, NumericsMode::aimet_1_31, NumericsMode::aimet_2024, NumericsMode::aimet_onnx_2})
    for (const Encoding& encoding : encodings_up_to_32_bits()) {
      const QdqParameters p = make_qdq(encoding, mode);
      EXPECT_TRUE(loses_nan(p));
      EXPECT_TRUE(notes_an_invalid_operation(std::nanf(""), p)) << mode_name(mode) << ", bits " << encoding.bits;
      for (const float x : {0.0f, -0.0f, 0.3f, -2.7f, largest, -largest, infinity, -infinity, 1e-42f})
        EXPECT_FALSE(notes_an_invalid_operation(x, p)) << x << ", " << mode_name(mode) << ", bits " << encoding.bits;
    }
}

TEST_P(Quantize, WhereANanStaysNoneIsLost) {
  for (const Encoding& encoding : {encodings_up_to_32_bits().front(), float16_encoding}) {
    const QdqParameters p = make_qdq(encoding, NumericsMode::aimet_torch_2);
    std::vector<float> values{std::nanf("")};
    quantize_dequantize(values, values, p);
    EXPECT_FALSE(loses_nan(p));
    EXPECT_TRUE(std::isnan(values[0]));
  }
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
      std::vector<std::uint32_t> found(values.size());
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
  quantize_dequantize_slices(values, TensorSlices({2, 2}, {.channel_axis = 0}), list, NumericsMode::aimet_1_24);
  EXPECT_EQ(values, (std::vector<float>{0.5f, 1.5f, 0, 6}));
}

/// The nearest number with eleven significant bits and no exponent below −14, ties to even, in double arithmetic.
float half_by_definition(float x, float limit) {
  if (std::isnan(x)) return x;
  const double clipped = std::clamp(static_cast<double>(x), -static_cast<double>(limit), static_cast<double>(limit));
  if (clipped == 0 || std::isinf(clipped)) return static_cast<float>(clipped);
  const double unit = std::ldexp(1.0, std::max(std::ilogb(clipped), -14) - 10);
  const double rounded = std::nearbyint(clipped / unit) * unit;
  return std::abs(rounded) > 65504 ? static_cast<float>(std::copysign(INFINITY, clipped)) : static_cast<float>(rounded);
}

TEST_P(Quantize, HalfPrecisionEqualsItsDefinitionToTheBit) {
  std::vector<float> values = difficult_values(3001, 15, 1.5f);
  for (const float x : {65504.0f, 65519.9f, 65520.0f, 1e9f, 0x1p-14f, 0x1.ffcp-15f, 0x1p-24f, 0x1p-25f, 0x1.8p-24f,
                        0x1.002p0f, 0x1.006p0f, 1e-30f, -0.0f})
    values.insert(values.end(), {x, -x});
  for (int exponent = -30; exponent < 18; ++exponent)
    for (const float x : difficult_values(50, static_cast<unsigned>(100 + exponent), 1.5f))
      values.push_back(std::ldexp(x, exponent));
  for (const auto mode : {NumericsMode::aimet_1_24, NumericsMode::aimet_onnx_2, NumericsMode::aimet_torch_2}) {
    const float limit = mode == NumericsMode::aimet_torch_2 ? 65504.0f : INFINITY;
    std::vector<float> found(values.size());
    quantize_dequantize(values, found, make_qdq(float16_encoding, mode));
    for (std::size_t i = 0; i < values.size(); ++i)
      ASSERT_EQ(bits_of(found[i]), bits_of(half_by_definition(values[i], limit)))
          << mode_name(mode) << ' ' << values[i];
  }
}

// aimet_torch 2.42 divides where torch.fake_quantize multiplies with the reciprocal; near a tie the code differs.
TEST_P(Quantize, BlocksDivideByTheScale) {
  const Encoding encoding{.min = -12.8, .max = 12.7, .scale = 0.1, .offset = -128, .symmetric = true};
  const auto scale = static_cast<float>(encoding.scale);
  int different = 0;
  for (int code = -120; code < 120; ++code)
    for (const float x : {std::nextafter((static_cast<float>(code) + 0.5f) * scale, -100.0f),
                          (static_cast<float>(code) + 0.5f) * scale}) {
      std::vector<float> whole{x}, block{x};
      quantize_dequantize_slices(whole, TensorSlices({1, 1}, {0}), {encoding}, NumericsMode::aimet_torch_2);
      quantize_dequantize_slices(block, TensorSlices({1, 1}, {0, 1, 1}), {encoding}, NumericsMode::aimet_torch_2);
      EXPECT_EQ(whole[0], std::nearbyint(x * (1.0f / scale)) * scale);
      EXPECT_EQ(block[0], std::nearbyint(x / scale) * scale);
      different += whole != block;
    }
  EXPECT_GT(different, 0);
}

TEST(QuantizeErrors, HalfPrecisionHasNoCodes) {
  const std::vector<float> two(2);
  std::vector<std::uint32_t> codes(2);
  EXPECT_THROW(quantize_codes(two, codes, make_qdq(float16_encoding, NumericsMode::aimet_1_24)), InternalError);
}

TEST(QuantizeErrors, WhatCannotBeAppliedIsRefused) {
  const auto mode = NumericsMode::aimet_1_24;
  EXPECT_THROW(make_qdq({.bits = 0}, mode), InternalError);
  EXPECT_THROW(make_qdq({.bits = 33}, mode), InternalError);
  EXPECT_THROW(make_qdq({.min = 0, .max = 1e300}, mode), InputError);
  EXPECT_THROW(make_qdq({.min = std::nan(""), .max = 1}, mode), InputError);
  std::vector<float> five(5);
  const TensorSlices whole({5}, {}), fives({5}, {.channel_axis = 0});
  EXPECT_THROW(quantize_dequantize_slices(five, whole, EncodingList(2), mode), InternalError);
  EXPECT_THROW(quantize_dequantize_slices(five, fives, {}, mode), InternalError);
  std::vector<float> four(4);
  EXPECT_THROW(quantize_dequantize_slices(four, whole, {{.max = 1}}, mode), InternalError);
  EXPECT_THROW(quantize_dequantize(five, four, make_qdq({.max = 1}, mode)), InternalError);
}

}  // namespace
}  // namespace qeval::test
