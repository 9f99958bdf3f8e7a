#include "stages/infer/kernels/depthwise_families.h"

#if QEVAL_X86

#include <immintrin.h>

#include <cstring>

#include "stages/infer/kernels/unrolled.h"

namespace qeval {
namespace {

constexpr int channels = 4, block = 16, registers = 2, register_bytes = 32, pixels_of_lane = 4;

/// s16 of two taps side by side, for each of four channels; no second one: zeros.
QEVAL_TARGET_AVX2 inline __m256i weights_of_taps(const std::int8_t* weights, bool both) {
  std::int32_t first = 0, second = 0;
  std::memcpy(&first, weights, sizeof first);
  if (both) std::memcpy(&second, weights + channels, sizeof second);
  const __m128i bytes = _mm_unpacklo_epi8(_mm_cvtsi32_si128(first), _mm_cvtsi32_si128(second));
  return _mm256_broadcastsi128_si256(_mm_cvtepi8_epi16(bytes));
}

QEVAL_TARGET_AVX2 inline __m256i load(const std::uint8_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

/// Sums of pixel i of each lane, four channels in a lane.
using Sums = __m256i[registers][pixels_of_lane];

/// Codes of two taps come to lie side by side, as words, for vpmaddwd.
[[gnu::always_inline]] QEVAL_TARGET_AVX2 inline void add_taps(const std::uint8_t* first, const std::uint8_t* second,
                                                              __m256i weights, Sums& sums) {
  const __m256i zero = _mm256_setzero_si256();
  QEVAL_UNROLLED
  for (int r = 0; r < registers; ++r) {
    const __m256i a = load(first + r * register_bytes), b = load(second + r * register_bytes);
    const __m256i low = _mm256_unpacklo_epi8(a, b), high = _mm256_unpackhi_epi8(a, b);
    const __m256i words[] = {_mm256_unpacklo_epi8(low, zero), _mm256_unpackhi_epi8(low, zero),
                             _mm256_unpacklo_epi8(high, zero), _mm256_unpackhi_epi8(high, zero)};
    QEVAL_UNROLLED
    for (int i = 0; i < pixels_of_lane; ++i)
      sums[r][i] = _mm256_add_epi32(sums[r][i], _mm256_madd_epi16(words[i], weights));
  }
}

/// Channel by channel, pixels in order.
[[gnu::always_inline]] QEVAL_TARGET_AVX2 inline void store(const __m256i (&sums)[pixels_of_lane], int pixels,
                                                           std::int32_t* out) {
  const __m256i low01 = _mm256_unpacklo_epi32(sums[0], sums[1]), low23 = _mm256_unpacklo_epi32(sums[2], sums[3]);
  const __m256i high01 = _mm256_unpackhi_epi32(sums[0], sums[1]), high23 = _mm256_unpackhi_epi32(sums[2], sums[3]);
  const __m256i of_channel[] = {_mm256_unpacklo_epi64(low01, low23), _mm256_unpackhi_epi64(low01, low23),
                                _mm256_unpacklo_epi64(high01, high23), _mm256_unpackhi_epi64(high01, high23)};
  QEVAL_UNROLLED
  for (int c = 0; c < channels; ++c) _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + c * pixels), of_channel[c]);
}

}  // namespace

QEVAL_TARGET_AVX2 void depthwise_avx2(const std::int8_t* weights, int taps, const std::uint8_t* panel, int pixels,
                                      std::int32_t* sums) {
  const int tap = pixels * channels;
  for (int first = 0; first < pixels; first += block) {
    Sums of_block = {};
    const std::uint8_t* codes = panel + first * channels;
    int t = 0;
    for (; t + 1 < taps; t += 2, codes += 2 * tap)
      add_taps(codes, codes + tap, weights_of_taps(weights + t * channels, true), of_block);
    if (t < taps) add_taps(codes, codes, weights_of_taps(weights + t * channels, false), of_block);
    QEVAL_UNROLLED
    for (int r = 0; r < registers; ++r) store(of_block[r], pixels, sums + first + r * block / registers);
  }
}

}  // namespace qeval

#endif
