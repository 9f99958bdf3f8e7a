#include "pipeline/base/processor.h"

#if QEVAL_X86
// GCC 12 takes the "undefined" operand of its own intrinsics for a fault (its bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>

#define QEVAL_LOOP_TARGET QEVAL_TARGET_AVX512
#include "stages/infer/kernels/requantize_loops.h"

namespace qeval {
namespace {

struct Vectors {
  using Floats = __m512;
  using Ints = __m512i;
  static constexpr int width = 16;

  QEVAL_LOOP_INLINE static Floats all(float x) { return _mm512_set1_ps(x); }
  QEVAL_LOOP_INLINE static Ints all(std::int32_t x) { return _mm512_set1_epi32(x); }
  QEVAL_LOOP_INLINE static Floats add(Floats a, Floats b) { return _mm512_add_ps(a, b); }
  QEVAL_LOOP_INLINE static Ints add(Ints a, Ints b) { return _mm512_add_epi32(a, b); }
  QEVAL_LOOP_INLINE static Floats subtract(Floats a, Floats b) { return _mm512_sub_ps(a, b); }
  QEVAL_LOOP_INLINE static Floats multiply(Floats a, Floats b) { return _mm512_mul_ps(a, b); }
  QEVAL_LOOP_INLINE static Floats multiply_subtract(Floats a, Floats b, Floats c) { return _mm512_fmsub_ps(a, b, c); }
  QEVAL_LOOP_INLINE static Floats clamp(Floats x, Floats low, Floats high) {
    return _mm512_min_ps(_mm512_max_ps(x, low), high);
  }
  QEVAL_LOOP_INLINE static Floats nearest(Floats x) {
    return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  }
  QEVAL_LOOP_INLINE static Ints to_ints(Floats x) { return _mm512_cvtps_epi32(x); }
  QEVAL_LOOP_INLINE static Floats to_floats(Ints x) { return _mm512_cvtepi32_ps(x); }
  QEVAL_LOOP_INLINE static Floats larger_magnitude(Floats a, Floats b) {
    constexpr int magnitudes_and_maximum = 0b1011;
    return _mm512_range_ps(a, b, magnitudes_and_maximum);
  }
  QEVAL_LOOP_INLINE static bool any_above(Floats x, Floats limit) {
    return _mm512_cmp_ps_mask(x, limit, _CMP_GT_OQ) != 0;
  }

  QEVAL_LOOP_INLINE static Ints load(const std::int32_t* from) { return _mm512_loadu_si512(from); }
  QEVAL_LOOP_INLINE static __mmask16 first(int count) { return static_cast<__mmask16>((1u << count) - 1u); }
  /// Four bytes each.
  QEVAL_LOOP_INLINE static Ints load_some(const std::uint8_t* from, int count) {
    return _mm512_maskz_loadu_epi32(first(count), from);
  }
  QEVAL_LOOP_INLINE static void store_some(std::uint8_t* to, Ints quads, int count) {
    _mm512_mask_storeu_epi32(to, first(count), quads);
  }
  QEVAL_LOOP_INLINE static Ints byte(Ints quads, int lane) {
    return _mm512_and_si512(_mm512_srli_epi32(quads, static_cast<unsigned>(8 * lane)), _mm512_set1_epi32(255));
  }
  /// Saturated to bytes, those of one lane side by side.
  QEVAL_LOOP_INLINE static Ints interleaved(Ints a, Ints b, Ints c, Ints d) {
    const Ints by_row = _mm512_packus_epi16(_mm512_packs_epi32(a, b), _mm512_packs_epi32(c, d));
    const __m128i by_lane = _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    return _mm512_shuffle_epi8(by_row, _mm512_broadcast_i32x4(by_lane));
  }
  QEVAL_LOOP_INLINE static Ints widen(const std::uint8_t* codes) {
    return _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(codes)));
  }
  QEVAL_LOOP_INLINE static void narrow(std::uint8_t* to, Ints codes) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm512_cvtepi32_epi8(codes));
  }
};

}  // namespace

const RequantizeKernels requantize_avx512{quantize_sums<Vectors>, add_codes_of<Vectors>};

}  // namespace qeval
#endif
