#include "stages/image/resample_avx2.h"

#include "pipeline/base/processor.h"

#if QEVAL_X86

#include <immintrin.h>

#include <algorithm>
#include <cstring>
#include <limits>

#include "stages/image/resample_kernels.h"

namespace qeval::avx2 {
namespace {

constexpr int low_bits = 11;
constexpr int taps_per_group = 4;
constexpr std::size_t values_per_group = 32;
constexpr std::size_t load_bytes = 16;

int group_count(int taps) { return (taps + taps_per_group - 1) / taps_per_group; }

bool splits(std::int32_t weight) {
  const std::int32_t high = weight >> low_bits;
  return high >= std::numeric_limits<std::int16_t>::min() && high <= std::numeric_limits<std::int16_t>::max();
}

/// Writes one group's 16 values: each lane holds a pair of taps three times, once for each channel.
void put_group(const std::int16_t (&taps)[taps_per_group], std::int16_t* out) {
  for (int lane = 0; lane < 2; ++lane) {
    for (int i = 0; i < 6; ++i) out[lane * 8 + i] = taps[lane * 2 + i % 2];
  }
}

void pack_group(const std::int32_t* weights, int count, std::int16_t* out) {
  std::int16_t high[taps_per_group] = {}, low[taps_per_group] = {};
  for (int i = 0; i < std::min(count, taps_per_group); ++i) {
    high[i] = static_cast<std::int16_t>(weights[i] >> low_bits);
    low[i] = static_cast<std::int16_t>(weights[i] & ((1 << low_bits) - 1));
  }
  put_group(high, out);
  put_group(low, out + values_per_group / 2);
}

QEVAL_TARGET_AVX2 __m256i load_vector(const void* address) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(address));
}

/// The sums of both lanes, rounded and clamped, in the lowest 3 bytes.
QEVAL_TARGET_AVX2 std::uint32_t round_pixel(__m256i high_sum, __m256i low_sum) {
  const __m256i lanes = _mm256_add_epi32(_mm256_slli_epi32(high_sum, low_bits), low_sum);
  __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
  sum = _mm_srai_epi32(_mm_add_epi32(sum, _mm_set1_epi32(1 << (weight_bits - 1))), weight_bits);
  const __m128i words = _mm_packs_epi32(sum, sum);
  return static_cast<std::uint32_t>(_mm_cvtsi128_si32(_mm_packus_epi16(words, words)));
}

}  // namespace

std::vector<std::int16_t> pack_weights(const AxisWeights& axis) {
  if (!std::all_of(axis.weights.begin(), axis.weights.end(), splits)) return {};
  std::size_t groups = 0;
  for (const AxisWeights::Span span : axis.spans) groups += group_count(span.count);
  std::vector<std::int16_t> packed(groups * values_per_group, 0);
  std::int16_t* out = packed.data();
  for (std::size_t pixel = 0; pixel < axis.spans.size(); ++pixel) {
    const int count = axis.spans[pixel].count;
    for (int i = 0; i < count; i += taps_per_group, out += values_per_group) {
      pack_group(axis.of(pixel) + i, count - i, out);
    }
  }
  return packed;
}

std::size_t readable_bytes(const AxisWeights& axis) {
  std::size_t end = 0;
  for (const AxisWeights::Span span : axis.spans) {
    const std::size_t last_group =
        static_cast<std::size_t>(span.first) + (group_count(span.count) - 1) * taps_per_group;
    end = std::max(end, last_group * 3 + load_bytes);
  }
  return end;
}

QEVAL_TARGET_AVX2 void resample_row(const std::uint8_t* in, const AxisWeights& axis, const std::int16_t* packed_weights,
                                    std::uint8_t* out) {
  // Pixels 0 and 1 to the low lane, 2 and 3 to the high lane, each channel's two bytes widened side by side.
  const __m256i pair_up = _mm256_setr_epi8(0, -1, 3, -1, 1, -1, 4, -1, 2, -1, 5, -1, -1, -1, -1, -1,  //
                                           6, -1, 9, -1, 7, -1, 10, -1, 8, -1, 11, -1, -1, -1, -1, -1);
  const std::size_t pixels = axis.spans.size();
  for (std::size_t pixel = 0; pixel < pixels; ++pixel, out += 3) {
    const AxisWeights::Span span = axis.spans[pixel];
    const std::uint8_t* source = in + static_cast<std::size_t>(span.first) * 3;
    __m256i high_sum = _mm256_setzero_si256(), low_sum = _mm256_setzero_si256();
    for (int i = 0; i < span.count; i += taps_per_group) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(source));
      const __m256i pairs = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), pair_up);
      high_sum = _mm256_add_epi32(high_sum, _mm256_madd_epi16(pairs, load_vector(packed_weights)));
      low_sum = _mm256_add_epi32(low_sum, _mm256_madd_epi16(pairs, load_vector(packed_weights + values_per_group / 2)));
      packed_weights += values_per_group;
      source += taps_per_group * 3;
    }
    const std::uint32_t rgb = round_pixel(high_sum, low_sum);
    std::memcpy(out, &rgb, pixel + 1 < pixels ? 4 : 3);
  }
}

QEVAL_TARGET_AVX2 std::size_t blend_rows(const std::uint8_t* in, std::size_t stride, const std::int32_t* weights,
                                         int count, std::size_t byte_count, std::uint8_t* out) {
  constexpr std::size_t block = 16;
  const __m256i half = _mm256_set1_epi32(1 << (weight_bits - 1));
  std::size_t x = 0;
  for (; x + block <= byte_count; x += block) {
    __m256i left = half, right = half;
    const std::uint8_t* source = in + x;
    for (int i = 0; i < count; ++i, source += stride) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(source));
      const __m256i weight = _mm256_set1_epi32(weights[i]);
      left = _mm256_add_epi32(left, _mm256_mullo_epi32(_mm256_cvtepu8_epi32(bytes), weight));
      right = _mm256_add_epi32(right, _mm256_mullo_epi32(_mm256_cvtepu8_epi32(_mm_srli_si128(bytes, 8)), weight));
    }
    const __m256i words =
        _mm256_packs_epi32(_mm256_srai_epi32(left, weight_bits), _mm256_srai_epi32(right, weight_bits));
    // packs works lane by lane: 0 2 1 3 puts the quarters back in order.
    const __m256i ordered = _mm256_permute4x64_epi64(words, 0b11011000);
    const __m128i result = _mm_packus_epi16(_mm256_castsi256_si128(ordered), _mm256_extracti128_si256(ordered, 1));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + x), result);
  }
  return x;
}

}  // namespace qeval::avx2

#else

namespace qeval::avx2 {

std::vector<std::int16_t> pack_weights(const AxisWeights&) { return {}; }

std::size_t readable_bytes(const AxisWeights&) { return 0; }

void resample_row(const std::uint8_t*, const AxisWeights&, const std::int16_t*, std::uint8_t*) {}

std::size_t blend_rows(const std::uint8_t*, std::size_t, const std::int32_t*, int, std::size_t, std::uint8_t*) {
  return 0;
}

}  // namespace qeval::avx2

#endif
