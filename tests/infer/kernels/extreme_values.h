#pragma once
/// Codes and weights as they come, and as they come at worst. Thread-safety: free functions. Errors: none.
#include <cstdint>
#include <random>
#include <span>

namespace qeval {

inline constexpr int code_patterns = 4, weight_patterns = 7;

inline int between(std::mt19937& random, int low, int high) {
  return low + static_cast<int>(random() % static_cast<unsigned>(high - low + 1));
}

/// Random, all 0, all 255, alternating.
inline void fill_codes(std::span<std::uint8_t> codes, int pattern, std::mt19937& random) {
  for (std::size_t i = 0; i < codes.size(); ++i) switch (pattern) {
      case 0: codes[i] = static_cast<std::uint8_t>(random()); break;
      case 1: codes[i] = 0; break;
      case 2: codes[i] = 255; break;
      default: codes[i] = i % 2 == 0 ? 255 : 0;
    }
}

/// Random, all −128, all 127, all 0, alternating in sign, small with large ones here and there, large in a few rows.
inline void fill_weights(std::span<std::int8_t> weights, int pattern, std::mt19937& random) {
  const unsigned rarity = 1 + random() % 200;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const auto any = static_cast<std::int8_t>(between(random, -128, 127));
    const auto small = static_cast<std::int8_t>(between(random, -60, 60));
    switch (pattern) {
      case 0: weights[i] = any; break;
      case 1: weights[i] = -128; break;
      case 2: weights[i] = 127; break;
      case 3: weights[i] = 0; break;
      case 4: weights[i] = i % 2 == 0 ? -128 : 127; break;
      case 5: weights[i] = random() % rarity == 0 ? any : small; break;
      default: weights[i] = i * 7 / weights.size() % 3 == 0 ? any : small;
    }
  }
}

}  // namespace qeval
