#include "pipeline/base/processor.h"

#if QEVAL_X86

#include <immintrin.h>

#include <cstring>

#include "stages/infer/kernels/avx2_packing.h"
#include "stages/infer/kernels/dot_families.h"
#include "stages/infer/kernels/unrolled.h"

namespace qeval {
namespace {

constexpr int outputs = avx2_outputs, lanes = 8, step_bytes = avx2_pixels * 4;

QEVAL_TARGET_AVX2 inline __m256i broadcast(const std::byte* dword) {
  std::int32_t value;
  std::memcpy(&value, dword, sizeof value);
  return _mm256_set1_epi32(value);
}

QEVAL_TARGET_AVX2 inline __m256i load(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

/// Sums of `registers` · 8 pixels of a panel, each form's own.
template <int registers>
struct Sums {
  __m256i at[outputs][registers];
};

template <int registers>
[[gnu::always_inline]] QEVAL_TARGET_AVX2 inline void add_step(const std::byte* w, const std::uint8_t* panel,
                                                              Sums<registers>& sums) {
  const __m256i ones = _mm256_set1_epi16(1);
  QEVAL_UNROLLED
  for (int o = 0; o < outputs; ++o) {
    const __m256i four = broadcast(w + o * 4);
    QEVAL_UNROLLED
    for (int r = 0; r < registers; ++r) {
      const __m256i pairs = _mm256_maddubs_epi16(load(panel + r * lanes * 4), four);
      sums.at[o][r] = _mm256_add_epi32(sums.at[o][r], _mm256_madd_epi16(pairs, ones));
    }
  }
}

template <int registers>
[[gnu::always_inline]] QEVAL_TARGET_AVX2 inline void add_two_steps(const std::byte* w, const std::uint8_t* panel,
                                                                   Sums<registers>& sums) {
  const __m256i ones = _mm256_set1_epi16(1);
  QEVAL_UNROLLED
  for (int o = 0; o < outputs; ++o) {
    const __m256i first = broadcast(w + o * 4), second = broadcast(w + outputs * 4 + o * 4);
    QEVAL_UNROLLED
    for (int r = 0; r < registers; ++r) {
      const __m256i fours = _mm256_add_epi16(_mm256_maddubs_epi16(load(panel + r * lanes * 4), first),
                                             _mm256_maddubs_epi16(load(panel + step_bytes + r * lanes * 4), second));
      sums.at[o][r] = _mm256_add_epi32(sums.at[o][r], _mm256_madd_epi16(fours, ones));
    }
  }
}

template <int registers>
[[gnu::always_inline]] QEVAL_TARGET_AVX2 inline void add_words(const std::byte* w, const std::uint8_t* panel,
                                                               Sums<registers>& sums) {
  QEVAL_UNROLLED
  for (int r = 0; r < registers; ++r) {
    const __m256i codes = load(panel + r * lanes * 4);
    const __m256i even = _mm256_and_si256(codes, _mm256_set1_epi16(255)), odd = _mm256_srli_epi16(codes, 8);
    QEVAL_UNROLLED
    for (int o = 0; o < outputs; ++o) {
      const __m256i of_even = _mm256_madd_epi16(even, broadcast(w + o * 8));
      const __m256i of_odd = _mm256_madd_epi16(odd, broadcast(w + o * 8 + 4));
      sums.at[o][r] = _mm256_add_epi32(sums.at[o][r], _mm256_add_epi32(of_even, of_odd));
    }
  }
}

/// Makes words of bytes 0 and 1, or 2 and 3, of each pixel.
alignas(32) constexpr std::int8_t words_of_pair[2][32] = {{0, -1, 1, -1, 4, -1, 5, -1, 8, -1, 9, -1, 12, -1, 13, -1,
                                                           0, -1, 1, -1, 4, -1, 5, -1, 8, -1, 9, -1, 12, -1, 13, -1},
                                                          {2, -1, 3, -1, 6, -1, 7, -1, 10, -1, 11, -1, 14, -1, 15, -1,
                                                           2, -1, 3, -1, 6, -1, 7, -1, 10, -1, 11, -1, 14, -1, 15, -1}};

template <int registers>
[[gnu::always_inline]] QEVAL_TARGET_AVX2 inline void add_outliers(const Avx2Tile& tile, const std::uint8_t* panel,
                                                                  Sums<registers>& sums) {
  const Outlier* outlier = tile.outliers();
  QEVAL_UNROLLED
  for (int o = 0; o < outputs; ++o) {
    for (const Outlier* end = tile.outliers() + tile.outliers_end[o]; outlier != end; ++outlier) {
      const __m256i weights = broadcast(reinterpret_cast<const std::byte*>(outlier->weights));
      const __m256i words = load(words_of_pair[outlier->half]);
      QEVAL_UNROLLED
      for (int r = 0; r < registers; ++r) {
        const __m256i codes = load(panel + outlier->step + r * lanes * 4);
        sums.at[o][r] = _mm256_add_epi32(sums.at[o][r], _mm256_madd_epi16(_mm256_shuffle_epi8(codes, words), weights));
      }
    }
  }
}

/// The matrix, outliers apart.
template <int registers>
[[gnu::always_inline]] QEVAL_TARGET_AVX2 inline void add_matrix(Avx2Form form, const std::byte* w, int steps,
                                                                const std::uint8_t* panel, Sums<registers>& sums) {
  if (form == Avx2Form::words) {
    for (; steps > 0; --steps, w += outputs * 8, panel += step_bytes) add_words(w, panel, sums);
    return;
  }
  if (form == Avx2Form::fours)
    for (; steps > 1; steps -= 2, w += 2 * outputs * 4, panel += 2 * step_bytes) add_two_steps(w, panel, sums);
  for (; steps > 0; --steps, w += outputs * 4, panel += step_bytes) add_step(w, panel, sums);
}

template <int registers>
QEVAL_TARGET_AVX2 void run_part(const Avx2Tile& tile, int steps, const std::uint8_t* panel, std::int32_t* out) {
  Sums<registers> sums = {};
  add_matrix(tile.form, reinterpret_cast<const std::byte*>(&tile) + tile.matrix, steps, panel, sums);
  add_outliers(tile, panel, sums);
  QEVAL_UNROLLED
  for (int o = 0; o < outputs; ++o) {
    QEVAL_UNROLLED
    for (int r = 0; r < registers; ++r)
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + o * avx2_pixels + r * lanes), sums.at[o][r]);
  }
}

void run(const std::byte* packed, int tile, const std::uint8_t* panel, int used, std::int32_t* sums) {
  const Avx2Tile& weights = avx2_tile(packed, tile);
  const int steps = packed_header(packed).steps;
  if (used > lanes)
    run_part<2>(weights, steps, panel, sums);
  else
    run_part<1>(weights, steps, panel, sums);
}

}  // namespace

const DotKernel avx2_dot_kernel{"avx2", DotIsa::avx2, outputs, avx2_pixels, pack_avx2, prepare_nothing, run};

}  // namespace qeval

#endif
