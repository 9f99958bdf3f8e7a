// Every instruction set must count like the scalar definitions.
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

#include "stages/quant/arithmetic/histogram.h"
#include "stages/quant/arithmetic/isa_dispatch.h"
#include "tests/quant/aimet_inputs.h"
#include "tests/quant/every_isa.h"
#include "tests/quant/random_values.h"

namespace qeval::test {
namespace {

QEVAL_ON_EVERY_ISA(Histogram);

BinCounts nearest_by_definition(const std::vector<float>& values, float step, float origin) {
  BinCounts counts(512);
  for (const float x : values) {
    const float position = std::round(x / step - origin);
    if (position >= 0 && position < 512) ++counts[static_cast<std::size_t>(position)];
  }
  return counts;
}

BinCounts linear_by_definition(const std::vector<float>& values, float lo, float hi) {
  BinCounts counts(512);
  for (const float x : values) {
    if (std::isnan(x)) continue;
    const bool inside = x >= lo && x <= hi;
    const auto bin = inside ? static_cast<std::size_t>((x - lo) * 512 / (hi - lo)) : 0;
    ++counts[x < lo ? 0 : x > hi ? 511 : std::min<std::size_t>(bin, 511)];
  }
  return counts;
}

constexpr std::size_t sizes[] = {0, 1, 7, 63, 64, 65, 511, 512, 513, 4095, 4096, 30011};

TEST_P(Histogram, NearestEdgeCountsEqualTheDefinition) {
  unsigned seed = 1;
  for (const std::size_t n : sizes)
    for (const float step : {0.01f, 0.0117f, 1.0f, 0.0f}) {
      const auto values = difficult_values(n, ++seed, 1.0f);
      const float origin = -2.7f / step;
      EXPECT_EQ(count_nearest_edge(values, step, origin, 512), nearest_by_definition(values, step, origin))
          << n << ' ' << step;
    }
}

TEST_P(Histogram, ContainingBinsEqualTheDefinition) {
  unsigned seed = 50;
  for (const std::size_t n : sizes)
    for (const float inverse : {100.0f, 511.7f, 1.0f}) {
      const auto values = difficult_values(n, ++seed, 1.0f);
      const float first = -768;
      BinCounts wanted(1536);
      for (const float x : values) {
        const float position = std::floor(x * inverse) - first;
        if (position >= 0 && position < 1536) ++wanted[static_cast<std::size_t>(position)];
      }
      EXPECT_EQ(count_containing(values, inverse, first, 1536), wanted) << n << ' ' << inverse;
    }
}

TEST_P(Histogram, NearestEdgeKeepsTheHalfBinShiftAtItsBounds) {
  const std::vector<float> values{-0.5f, -0.49999997f, 0.49999997f, 0.5f, 510.5f, 511.49997f, 511.5f, 512};
  const BinCounts counts = count_nearest_edge(values, 1, 0, 512);
  EXPECT_EQ(counts[0], 2u);
  EXPECT_EQ(counts[1], 1u);
  EXPECT_EQ(counts[511], 2u);
  EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), 0u), 5u);
}

TEST_P(Histogram, LinearCountsEqualTheDefinition) {
  unsigned seed = 100;
  for (const std::size_t n : sizes)
    for (const float hi : {0.5f, 2.5f, 7.77f}) {
      const auto values = difficult_values(n, ++seed, 1.0f);
      EXPECT_EQ(count_linear_clamped(values, -1.5f, hi, 512), linear_by_definition(values, -1.5f, hi))
          << n << ' ' << hi;
    }
}

/// Numbers of torch.histc(A, 512, -2.5, 3) on the CPU; 23 values of A lie below and 4 above.
TEST_P(Histogram, LinearCountsEqualTorchHistc) {
  const BinCounts counts = count_linear_clamped(aimet_input("A").front(), -2.5f, 3.0f, 512);
  EXPECT_EQ(counts[200], 18u);
  EXPECT_EQ(counts[255], 14u);
  EXPECT_EQ(counts[0], 0u + 23);
  EXPECT_EQ(counts[511], 0u + 4);
  std::uint64_t sum = 0, first = 0, second = 0;
  for (std::size_t i = 0; i < 512; ++i) {
    const std::uint64_t count = counts[i] - (i == 0 ? 23 : i == 511 ? 4 : 0);
    sum += count;
    first += i * count;
    second += i * i * count;
  }
  EXPECT_EQ(sum, 4069u);
  EXPECT_EQ(first, 939999u);
  EXPECT_EQ(second, 251414259u);
}

TEST_P(Histogram, DegenerateRangesDoNotCrash) {
  const auto values = difficult_values(5000, 3, 1e30f);
  EXPECT_NO_THROW(count_linear_clamped(values, 1.0f, 1.0f, 512));
  EXPECT_NO_THROW(count_linear_clamped(values, -3e38f, 3e38f, 512));
}

TEST_P(Histogram, RangeIgnoresNotANumberAndReportsIt) {
  for (const std::size_t n : sizes) {
    auto values = difficult_values(n, 7, 1.0f);
    float lowest = std::numeric_limits<float>::infinity(), highest = -lowest;
    bool nan = false;
    for (const float x : values) {
      if (std::isnan(x)) nan = true;
      if (x < lowest) lowest = x;
      if (x > highest) highest = x;
    }
    const ValueRange range = value_range(values);
    EXPECT_EQ(range.min, lowest) << n;
    EXPECT_EQ(range.max, highest) << n;
    EXPECT_EQ(range.has_nan, nan) << n;
  }
}

TEST_P(Histogram, FiniteRangeLeavesInfinitiesOut) {
  const float infinity = std::numeric_limits<float>::infinity();
  const ValueRange range = finite_range(std::vector<float>{-infinity, 2, 5, infinity});
  EXPECT_EQ(range.min, 2);
  EXPECT_EQ(range.max, 5);
  EXPECT_GT(finite_range(std::vector<float>{infinity}).min, finite_range(std::vector<float>{infinity}).max);
}

}  // namespace
}  // namespace qeval::test
