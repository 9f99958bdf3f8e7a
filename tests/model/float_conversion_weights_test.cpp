#include <cmath>
#include <limits>

#include "stages/model/weights/float_conversion.h"
#include "tests/model/weights_test_bytes.h"

namespace qeval::test {
namespace {

/// From the definition of binary16 rather than from bit tricks.
double f16_by_definition(unsigned bits) {
  const int exponent = static_cast<int>(bits >> 10 & 31);
  const double fraction = bits & 1023;
  const double sign = bits >> 15 ? -1 : 1;
  if (exponent == 31) return fraction == 0 ? sign * INFINITY : NAN;
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

TEST(FloatConversion, EveryF16IsExact) {
  for (unsigned bits = 0; bits < 65536; ++bits) {
    const double expected = f16_by_definition(bits);
    const double got = f16_to_f32(static_cast<std::uint16_t>(bits));
    if (std::isnan(expected)) {
      ASSERT_TRUE(std::isnan(got)) << bits;
    } else {
      ASSERT_EQ(got, expected) << bits;
      ASSERT_EQ(std::signbit(got), std::signbit(expected)) << bits;
    }
  }
}

TEST(FloatConversion, Bf16IsTheUpperHalfOfF32) {
  EXPECT_EQ(bf16_to_f32(0x3f80), 1.0f);
  EXPECT_EQ(bf16_to_f32(0xc2f7), -123.5f);
  EXPECT_TRUE(std::isnan(bf16_to_f32(0x7fc0)));
}

TEST(FloatConversion, CountsEveryNonFiniteValue) {
  std::vector<float> values(3'000'001, 1.0f);
  EXPECT_EQ(count_non_finite(values), 0u);
  values.front() = NAN;
  values[1'500'000] = INFINITY;
  values.back() = -INFINITY;
  values[7] = std::numeric_limits<float>::max();
  values[8] = std::numeric_limits<float>::denorm_min();
  EXPECT_EQ(count_non_finite(values), 3u);
}

}  // namespace
}  // namespace qeval::test
