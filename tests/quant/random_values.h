#pragma once
/// Random f32 data with everything that breaks counting and rounding loops in between.
#include <limits>
#include <random>
#include <vector>

namespace qeval::test {

/// Normal values; every 50th or so is a tie, a bound, a huge value, an infinity, a zero of either sign or NaN.
inline std::vector<float> difficult_values(std::size_t n, unsigned seed, float spread) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const float special[] = {0.0f,  -0.0f,  infinity, -infinity, std::numeric_limits<float>::quiet_NaN(),
                           3e38f, -3e38f, 1e-40f,   0.5f,      -0.5f,
                           2.5f,  -1.5f,  1.0f};
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.1f, spread);
  std::vector<float> values(n);
  for (float& x : values) x = random() % 50 == 0 ? special[random() % std::size(special)] : normal(random);
  return values;
}

}  // namespace qeval::test
