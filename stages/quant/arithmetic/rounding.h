#pragma once
/// AIMET 1.24's rounding in a form that vectorizes.
#include <cmath>
#include <cstdint>

namespace qeval {

/// C's round(), half away from zero, as an integer. For |x| < 2^23.
[[gnu::always_inline]] inline std::int32_t round_half_away_to_int(float x) {
  // The largest float below a half: adding 0.5 itself would round 0.49999997 up to one.
  constexpr float nearly_half = 0x1.fffffep-2f;
  return static_cast<std::int32_t>(x + std::copysign(nearly_half, x));
}

/// C's round() for |x| < 2^23, the sign of zero included.
[[gnu::always_inline]] inline float round_half_away(float x) {
  return std::copysign(static_cast<float>(round_half_away_to_int(x)), x);
}

}  // namespace qeval
