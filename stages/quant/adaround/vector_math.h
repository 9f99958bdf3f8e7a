#pragma once
/// exp2 and log2 in single precision as loops that compilers vectorize: no table, no branch, a few last bits off the
/// nearest float, and the same bits for every instruction set. Thread-safety: free functions.
#include <bit>
#include <cmath>
#include <cstdint>

namespace qeval {

/// 2^x for x in [−126, 126]; what lies outside counts as the nearer end.
[[gnu::always_inline]] inline float vector_exp2(float x) {
  x = x > -126.0f ? x : -126.0f;
  x = x < 126.0f ? x : 126.0f;
  const auto whole = static_cast<std::int32_t>(x + (x < 0 ? -0.5f : 0.5f));
  const float f = (x - static_cast<float>(whole)) * 0.69314718f;  // |f| ≤ ln 2 / 2: the exponential series
  const float p = 1 + f * (1 + f * (1.0f / 2 + f * (1.0f / 6 + f * (1.0f / 24 + f * (1.0f / 120 + f * (1.0f / 720))))));
  return p * std::bit_cast<float>((whole + 127) << 23);
}

/// log2(x) for normal x > 0.
[[gnu::always_inline]] inline float vector_log2(float x) {
  const auto bits = std::bit_cast<std::int32_t>(x);
  const std::int32_t exponent = (bits - 0x3f3504f3) >> 23;  // so that the mantissa is in [√½, √2)
  const float mantissa = std::bit_cast<float>(bits - (exponent << 23));
  const float t = (mantissa - 1) / (mantissa + 1), tt = t * t;
  const float series = t * (1 + tt * (1.0f / 3 + tt * (1.0f / 5 + tt * (1.0f / 7 + tt * (1.0f / 9)))));
  return static_cast<float>(exponent) + 2.8853901f * series;  // 2 / ln 2
}

}  // namespace qeval
