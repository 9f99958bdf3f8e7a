#include "pipeline/base/processor.h"

#if QEVAL_X86
#include <immintrin.h>

#include <cstring>

#define QEVAL_LOOP_TARGET QEVAL_TARGET_AVX2
#include "stages/infer/kernels/requantize_loops.h"

namespace qeval {
namespace {

struct Vectors {
  using Floats = __m256;
  using Ints = __m256i;
  static constexpr int width = 8;

  QEVAL_LOOP_INLINE static Floats all(float x) { return _mm256_set1_ps(x); }
  QEVAL_LOOP_INLINE static Ints all(std::int32_t x) { return _mm256_set1_epi32(x); }
  QEVAL_LOOP_INLINE static Floats add(Floats a, Floats b) { return _mm256_add_ps(a, b); }
  QEVAL_LOOP_INLINE static Ints add(Ints a, Ints b) { return _mm256_add_epi32(a, b); }
  QEVAL_LOOP_INLINE static Floats subtract(Floats a, Floats b) { return _mm256_sub_ps(a, b); }
  QEVAL_LOOP_INLINE static Floats multiply(Floats a, Floats b) { return _mm256_mul_ps(a, b); }
  /// FMA is an instruction set of its own.
  QEVAL_LOOP_INLINE static Floats multiply_subtract(Floats a, Floats b, Floats c) {
    return _mm256_sub_ps(_mm256_mul_ps(a, b), c);
  }
  QEVAL_LOOP_INLINE static Floats clamp(Floats x, Floats low, Floats high) {
    return _mm256_min_ps(_mm256_max_ps(x, low), high);
  }
  QEVAL_LOOP_INLINE static Floats nearest(Floats x) {
    return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  QEVAL_LOOP_INLINE static Ints to_ints(Floats x) { return _mm256_cvtps_epi32(x); }
  QEVAL_LOOP_INLINE static Floats to_floats(Ints x) { return _mm256_cvtepi32_ps(x); }
  QEVAL_LOOP_INLINE static Floats larger_magnitude(Floats a, Floats b) {
    return _mm256_max_ps(a, _mm256_andnot_ps(_mm256_set1_ps(-0.0f), b));
  }
  QEVAL_LOOP_INLINE static bool any_above(Floats x, Floats limit) {
    return _mm256_movemask_ps(_mm256_cmp_ps(x, limit, _CMP_GT_OQ)) != 0;
  }

  QEVAL_LOOP_INLINE static Ints load(const std::int32_t* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  }
  /// Four bytes each.
  QEVAL_LOOP_INLINE static Ints load_some(const std::uint8_t* from, int count) {
    if (count == width) return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
    alignas(32) std::uint8_t bytes[width * 4] = {};
    std::memcpy(bytes, from, static_cast<std::size_t>(count) * 4);
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(bytes));
  }
  QEVAL_LOOP_INLINE static void store_some(std::uint8_t* to, Ints quads, int count) {
    if (count == width) return _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), quads);
    alignas(32) std::uint8_t bytes[width * 4];
    _mm256_store_si256(reinterpret_cast<__m256i*>(bytes), quads);
    std::memcpy(to, bytes, static_cast<std::size_t>(count) * 4);
  }
  QEVAL_LOOP_INLINE static Ints byte(Ints quads, int lane) {
    return _mm256_and_si256(_mm256_srli_epi32(quads, 8 * lane), _mm256_set1_epi32(255));
  }
  /// Saturated to bytes, those of one lane side by side.
  QEVAL_LOOP_INLINE static Ints interleaved(Ints a, Ints b, Ints c, Ints d) {
    const Ints by_row = _mm256_packus_epi16(_mm256_packs_epi32(a, b), _mm256_packs_epi32(c, d));
    const __m128i by_lane = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    return _mm256_shuffle_epi8(by_row, _mm256_broadcastsi128_si256(by_lane));
  }
  QEVAL_LOOP_INLINE static Ints widen(const std::uint8_t* codes) {
    return _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(codes)));
  }
  QEVAL_LOOP_INLINE static void narrow(std::uint8_t* to, Ints codes) {
    const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(codes), _mm256_extracti128_si256(codes, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to), _mm_packus_epi16(words, words));
  }
};

}  // namespace

const RequantizeKernels requantize_avx2{quantize_sums<Vectors>, add_codes_of<Vectors>};

}  // namespace qeval
#endif
