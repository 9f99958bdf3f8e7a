#pragma once
/// What the replays of AIMET 1.24's own C++ tests share: their random inputs, and encodings in mode aimet-1.24.
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "stages/quant/analyzers/observer.h"

namespace qeval::test {

/// libstdc++'s normal_distribution over mt19937, as their tests draw; other standard libraries give other numbers.
inline std::vector<float> own_normal(float mean, float deviation, unsigned seed, std::size_t n = 6000) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> distribution(mean, deviation);
  std::vector<float> values(n);
  for (float& x : values) x = distribution(generator);
  return values;
}

inline Encoding own_encoding(const std::vector<float>& values, QuantScheme scheme, const QuantizerSettings& settings) {
  const auto observer = make_observer(scheme, NumericsMode::aimet_1_24);
  observer->observe(values);
  return observer->compute(settings);
}

/// Numbers measured from AIMET 1.24.0, given to nine digits.
inline void expect_encoding(const Encoding& found, double min, double max, double scale, double offset) {
  constexpr double digits = 1.5e-8;
  EXPECT_NEAR(found.min, min, digits * std::abs(min));
  EXPECT_NEAR(found.max, max, digits * std::abs(max));
  EXPECT_NEAR(found.scale, scale, digits * scale);
  EXPECT_EQ(found.offset, offset);
}

}  // namespace qeval::test
