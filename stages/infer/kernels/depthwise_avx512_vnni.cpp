#include "stages/infer/kernels/depthwise_families.h"

#if QEVAL_X86

// GCC 12 takes registers that its own intrinsics leave undefined for a mistake (its bug 105593, fixed in 13).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>

#include <algorithm>

#include "stages/infer/kernels/unrolled.h"

namespace qeval {
namespace {

#define QEVAL_TARGET_DEPTHWISE __attribute__((target("avx512f,avx512bw,avx512vl,avx512vnni")))

constexpr int channels = 4, block = 16, taps_at_once = 4, pixels_of_lane = 4;

/// s8 of up to four taps side by side, for each of four channels; those that are missing: zeros.
QEVAL_TARGET_DEPTHWISE inline __m512i weights_of_taps(const std::int8_t* weights, int taps) {
  const __m128i of_taps = _mm_maskz_loadu_epi32(static_cast<__mmask8>((1 << taps) - 1), weights);
  const __m128i by_channel = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
  return _mm512_broadcast_i32x4(_mm_shuffle_epi8(of_taps, by_channel));
}

/// Codes of four taps come to lie side by side for vpdpbusd. Sums of pixel i of each lane, four channels in a lane.
[[gnu::always_inline]] QEVAL_TARGET_DEPTHWISE inline void add_taps(const std::uint8_t* codes, int tap, int taps,
                                                                   __m512i weights, __m512i (&sums)[pixels_of_lane]) {
  // In place of a tap that is missing the last one, whose products with zero are nothing.
  const __m512i a = _mm512_loadu_si512(codes), b = _mm512_loadu_si512(codes + std::min(1, taps - 1) * tap);
  const __m512i c = _mm512_loadu_si512(codes + std::min(2, taps - 1) * tap);
  const __m512i d = _mm512_loadu_si512(codes + std::min(3, taps - 1) * tap);
  const __m512i low_ab = _mm512_unpacklo_epi8(a, b), high_ab = _mm512_unpackhi_epi8(a, b);
  const __m512i low_cd = _mm512_unpacklo_epi8(c, d), high_cd = _mm512_unpackhi_epi8(c, d);
  sums[0] = _mm512_dpbusd_epi32(sums[0], _mm512_unpacklo_epi16(low_ab, low_cd), weights);
  sums[1] = _mm512_dpbusd_epi32(sums[1], _mm512_unpackhi_epi16(low_ab, low_cd), weights);
  sums[2] = _mm512_dpbusd_epi32(sums[2], _mm512_unpacklo_epi16(high_ab, high_cd), weights);
  sums[3] = _mm512_dpbusd_epi32(sums[3], _mm512_unpackhi_epi16(high_ab, high_cd), weights);
}

/// Channel by channel, pixels in order.
[[gnu::always_inline]] QEVAL_TARGET_DEPTHWISE inline void store(const __m512i (&sums)[pixels_of_lane], int pixels,
                                                                std::int32_t* out) {
  const __m512i low01 = _mm512_unpacklo_epi32(sums[0], sums[1]), low23 = _mm512_unpacklo_epi32(sums[2], sums[3]);
  const __m512i high01 = _mm512_unpackhi_epi32(sums[0], sums[1]), high23 = _mm512_unpackhi_epi32(sums[2], sums[3]);
  _mm512_storeu_si512(out, _mm512_unpacklo_epi64(low01, low23));
  _mm512_storeu_si512(out + pixels, _mm512_unpackhi_epi64(low01, low23));
  _mm512_storeu_si512(out + 2 * pixels, _mm512_unpacklo_epi64(high01, high23));
  _mm512_storeu_si512(out + 3 * pixels, _mm512_unpackhi_epi64(high01, high23));
}

}  // namespace

QEVAL_TARGET_DEPTHWISE void depthwise_avx512_vnni(const std::int8_t* weights, int taps, const std::uint8_t* panel,
                                                  int pixels, std::int32_t* sums) {
  const int tap = pixels * channels;
  for (int first = 0; first < pixels; first += block) {
    __m512i of_block[pixels_of_lane] = {};
    const std::uint8_t* codes = panel + first * channels;
    int t = 0;
    for (; t + taps_at_once <= taps; t += taps_at_once, codes += taps_at_once * tap)
      add_taps(codes, tap, taps_at_once, weights_of_taps(weights + t * channels, taps_at_once), of_block);
    if (t < taps) add_taps(codes, tap, taps - t, weights_of_taps(weights + t * channels, taps - t), of_block);
    store(of_block, pixels, sums + first);
  }
}

}  // namespace qeval

#endif
