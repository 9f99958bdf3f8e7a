#include "stages/infer/kernels/requantize_avx512.h"

#include "pipeline/base/processor.h"

#if QEVAL_X86
// GCC 12 takes the "undefined" operand of its own intrinsics for a fault (its bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>

#define QEVAL_INLINE_AVX512 QEVAL_TARGET_AVX512 [[gnu::always_inline]] inline

namespace qeval {
namespace {

constexpr int width = 16;

/// A grid's numbers in registers.
struct Grid {
  __m512 low, high, reciprocal, offset, levels;
};

QEVAL_INLINE_AVX512 Grid load(const GuessedGrid& grid) {
  return {_mm512_set1_ps(grid.low), _mm512_set1_ps(grid.high), _mm512_set1_ps(grid.reciprocal),
          _mm512_set1_ps(grid.offset), _mm512_set1_ps(grid.levels)};
}

QEVAL_INLINE_AVX512 __m512 clamp(__m512 x, __m512 low, __m512 high) {
  return _mm512_min_ps(_mm512_max_ps(x, low), high);
}

QEVAL_INLINE_AVX512 __m512 rint(__m512 x) {
  return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

template <bool clamps>
QEVAL_INLINE_AVX512 __m512i codes(__m512 y, const Grid& grid, __mmask16& doubtful) {
  y = _mm512_mul_ps(clamp(y, grid.low, grid.high), grid.reciprocal);
  if constexpr (clamps) {
    const __m512 guess = _mm512_sub_ps(y, grid.offset), nearest = rint(guess);
    const __m512 distance = _mm512_abs_ps(_mm512_sub_ps(guess, nearest));
    doubtful = _kor_mask16(doubtful, _mm512_cmp_ps_mask(distance, _mm512_set1_ps(0.5f - doubt), _CMP_GT_OQ));
    return _mm512_cvtps_epi32(nearest);
  } else {
    const __m512 code = _mm512_sub_ps(rint(y), grid.offset);
    return _mm512_cvtps_epi32(clamp(code, _mm512_setzero_ps(), grid.levels));
  }
}

template <bool clamps>
QEVAL_TARGET_AVX512 bool guess_quads_of(const QuadSums& s, const GuessedGrid& guessed, std::uint32_t* quads) {
  const Grid grid = load(guessed);
  __mmask16 doubtful = 0;
  for (int p = 0; p < s.pixels; p += width) {
    __m512i quad = _mm512_setzero_si512();
    for (int row = s.rows - 1; row >= 0; --row) {
      const __m512i sum =
          _mm512_add_epi32(_mm512_loadu_si512(s.sums + row * s.pitch + p), _mm512_set1_epi32(s.start[row]));
      const __m512 y = _mm512_add_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(sum), _mm512_set1_ps(s.scale[row])),
                                     _mm512_set1_ps(s.bias[row]));
      quad = _mm512_or_si512(_mm512_slli_epi32(quad, 8), codes<clamps>(y, grid, doubtful));
    }
    _mm512_storeu_si512(quads + p, quad);
  }
  return doubtful == 0;
}

struct Summand {
  __m512 offset, unit, low, high;
};

QEVAL_INLINE_AVX512 __m512 values(const std::uint8_t* codes, const Summand& summand) {
  const __m512i wide = _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(codes)));
  const __m512 steps = _mm512_add_ps(_mm512_cvtepi32_ps(wide), summand.offset);
  return clamp(_mm512_mul_ps(steps, summand.unit), summand.low, summand.high);
}

template <bool clamps>
QEVAL_TARGET_AVX512 bool guess_sums_of(const CodePair& pair, int count, const GuessedGrid& guessed, std::uint8_t* out) {
  const Grid grid = load(guessed);
  const Summand a{_mm512_set1_ps(pair.a_offset), _mm512_set1_ps(pair.a_unit), _mm512_set1_ps(pair.a_low),
                  _mm512_set1_ps(pair.a_high)};
  const Summand b{_mm512_set1_ps(pair.b_offset), _mm512_set1_ps(pair.b_unit), _mm512_set1_ps(pair.b_low),
                  _mm512_set1_ps(pair.b_high)};
  __mmask16 doubtful = 0;
  for (int i = 0; i < count; i += width) {
    const __m512 sum = _mm512_add_ps(values(pair.a + i, a), values(pair.b + i, b));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(out + i), _mm512_cvtepi32_epi8(codes<clamps>(sum, grid, doubtful)));
  }
  return doubtful == 0;
}

}  // namespace

bool guess_quads_avx512(const QuadSums& sums, const GuessedGrid& grid, std::uint32_t* quads) {
  return grid.clamps ? guess_quads_of<true>(sums, grid, quads) : guess_quads_of<false>(sums, grid, quads);
}

bool guess_sums_avx512(const CodePair& pair, int count, const GuessedGrid& grid, std::uint8_t* out) {
  return grid.clamps ? guess_sums_of<true>(pair, count, grid, out) : guess_sums_of<false>(pair, count, grid, out);
}

}  // namespace qeval
#endif
