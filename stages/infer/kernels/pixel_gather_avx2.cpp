#include "pipeline/base/processor.h"
#include "stages/infer/kernels/pixel_gather.h"

#if QEVAL_X86
#include <immintrin.h>

namespace qeval {
namespace {

constexpr int pixel_bytes = 4, half_pixels = 8, half_bytes = half_pixels * pixel_bytes;

/// All bits of a lane where the mask has its bit.
[[gnu::always_inline]] QEVAL_TARGET_AVX2 inline __m256i lanes_of(int mask) {
  const __m256i bits = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
  return _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32(mask), bits), bits);
}

template <int stride>
[[gnu::always_inline]] QEVAL_TARGET_AVX2 inline __m256i with_piece(__m256i half, const std::uint8_t* plane, int from,
                                                                   int mask, __m256i steps) {
  const auto* first = reinterpret_cast<const int*>(plane + std::ptrdiff_t{from} * pixel_bytes);
  const __m256i taken = lanes_of(mask);
  if constexpr (stride == 1) return _mm256_blendv_epi8(half, _mm256_maskload_epi32(first, taken), taken);
  return _mm256_mask_i32gather_epi32(half, first, steps, taken, pixel_bytes);
}

template <int stride>
QEVAL_TARGET_AVX2 void gather(const PixelRows& rows) {
  const __m256i padding = _mm256_set1_epi32(static_cast<int>(rows.padding));
  const __m256i steps = _mm256_mullo_epi32(_mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), _mm256_set1_epi32(rows.stride));
  const std::uint8_t* plane = rows.planes;
  std::uint8_t* row_to = rows.to;
  for (int row = 0; row < rows.rows; ++row, plane += rows.plane_bytes, row_to += rows.row_bytes) {
    std::uint8_t* to = row_to;
    __m256i low = padding, high = padding;
    for (const PixelPiece& piece : rows.pieces) {
      low = with_piece<stride>(low, plane, piece.from, piece.mask & 0xff, steps);
      high = with_piece<stride>(high, plane, piece.from + half_pixels * rows.stride, piece.mask >> 8, steps);
      if (!piece.last) continue;
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), low);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + half_bytes), high);
      low = high = padding;
      to += 2 * half_bytes;
    }
  }
}

}  // namespace

void gather_avx2(const PixelRows& rows) {
  constexpr int any = 0;
  rows.stride == 1 ? gather<1>(rows) : gather<any>(rows);
}

}  // namespace qeval
#endif
