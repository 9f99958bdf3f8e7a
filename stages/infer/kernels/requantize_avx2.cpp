#include "stages/infer/kernels/requantize_avx2.h"

#include "pipeline/base/processor.h"

#if QEVAL_X86
#include <immintrin.h>

#define QEVAL_INLINE_AVX2 QEVAL_TARGET_AVX2 [[gnu::always_inline]] inline

namespace qeval {
namespace {

constexpr int width = 8;

/// A grid's numbers in registers.
struct Grid {
  __m256 low, high, reciprocal, offset, levels;
};

QEVAL_INLINE_AVX2 Grid load(const GuessedGrid& grid) {
  return {_mm256_set1_ps(grid.low), _mm256_set1_ps(grid.high), _mm256_set1_ps(grid.reciprocal),
          _mm256_set1_ps(grid.offset), _mm256_set1_ps(grid.levels)};
}

QEVAL_INLINE_AVX2 __m256 clamp(__m256 x, __m256 low, __m256 high) { return _mm256_min_ps(_mm256_max_ps(x, low), high); }

QEVAL_INLINE_AVX2 __m256 rint(__m256 x) { return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }

/// `doubtful`: all bits of a lane set where it was in doubt.
template <bool clamps>
QEVAL_INLINE_AVX2 __m256i codes(__m256 y, const Grid& grid, __m256& doubtful) {
  y = _mm256_mul_ps(clamp(y, grid.low, grid.high), grid.reciprocal);
  if constexpr (clamps) {
    const __m256 guess = _mm256_sub_ps(y, grid.offset), nearest = rint(guess);
    const __m256 distance = _mm256_andnot_ps(_mm256_set1_ps(-0.0f), _mm256_sub_ps(guess, nearest));
    doubtful = _mm256_or_ps(doubtful, _mm256_cmp_ps(distance, _mm256_set1_ps(0.5f - doubt), _CMP_GT_OQ));
    return _mm256_cvtps_epi32(nearest);
  } else {
    const __m256 code = _mm256_sub_ps(rint(y), grid.offset);
    return _mm256_cvtps_epi32(clamp(code, _mm256_setzero_ps(), grid.levels));
  }
}

template <bool clamps>
QEVAL_TARGET_AVX2 bool guess_quads_of(const QuadSums& s, const GuessedGrid& guessed, std::uint32_t* quads) {
  const Grid grid = load(guessed);
  __m256 doubtful = _mm256_setzero_ps();
  for (int p = 0; p < s.pixels; p += width) {
    __m256i quad = _mm256_setzero_si256();
    for (int row = s.rows - 1; row >= 0; --row) {
      const auto* from = reinterpret_cast<const __m256i*>(s.sums + row * s.pitch + p);
      const __m256i sum = _mm256_add_epi32(_mm256_loadu_si256(from), _mm256_set1_epi32(s.start[row]));
      const __m256 y = _mm256_add_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(sum), _mm256_set1_ps(s.scale[row])),
                                     _mm256_set1_ps(s.bias[row]));
      quad = _mm256_or_si256(_mm256_slli_epi32(quad, 8), codes<clamps>(y, grid, doubtful));
    }
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(quads + p), quad);
  }
  return _mm256_movemask_ps(doubtful) == 0;
}

struct Summand {
  __m256 offset, unit, low, high;
};

QEVAL_INLINE_AVX2 __m256 values(const std::uint8_t* codes, const Summand& summand) {
  const __m256i wide = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(codes)));
  const __m256 steps = _mm256_add_ps(_mm256_cvtepi32_ps(wide), summand.offset);
  return clamp(_mm256_mul_ps(steps, summand.unit), summand.low, summand.high);
}

template <bool clamps>
QEVAL_TARGET_AVX2 bool guess_sums_of(const CodePair& pair, int count, const GuessedGrid& guessed, std::uint8_t* out) {
  const Grid grid = load(guessed);
  const Summand a{_mm256_set1_ps(pair.a_offset), _mm256_set1_ps(pair.a_unit), _mm256_set1_ps(pair.a_low),
                  _mm256_set1_ps(pair.a_high)};
  const Summand b{_mm256_set1_ps(pair.b_offset), _mm256_set1_ps(pair.b_unit), _mm256_set1_ps(pair.b_low),
                  _mm256_set1_ps(pair.b_high)};
  __m256 doubtful = _mm256_setzero_ps();
  for (int i = 0; i < count; i += width) {
    const __m256i code = codes<clamps>(_mm256_add_ps(values(pair.a + i, a), values(pair.b + i, b)), grid, doubtful);
    const __m128i words = _mm_packs_epi32(_mm256_castsi256_si128(code), _mm256_extracti128_si256(code, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(out + i), _mm_packus_epi16(words, words));
  }
  return _mm256_movemask_ps(doubtful) == 0;
}

}  // namespace

bool guess_quads_avx2(const QuadSums& sums, const GuessedGrid& grid, std::uint32_t* quads) {
  return grid.clamps ? guess_quads_of<true>(sums, grid, quads) : guess_quads_of<false>(sums, grid, quads);
}

bool guess_sums_avx2(const CodePair& pair, int count, const GuessedGrid& grid, std::uint8_t* out) {
  return grid.clamps ? guess_sums_of<true>(pair, count, grid, out) : guess_sums_of<false>(pair, count, grid, out);
}

}  // namespace qeval
#endif
