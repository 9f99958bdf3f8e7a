#include "pipeline/base/processor.h"
#include "stages/infer/kernels/pixel_gather.h"

#if QEVAL_X86
// GCC 12 takes the "undefined" operand of its own intrinsics for a fault (its bug 105593).
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#include <immintrin.h>

namespace qeval {
namespace {

constexpr int pixel_bytes = 4, chunk_bytes = gather_pixels * pixel_bytes;

/// Bit i becomes bit 2 i.
[[gnu::always_inline]] inline std::uint32_t spread(std::uint32_t bits) {
  bits = (bits | bits << 8) & 0x00ff00ffu;
  bits = (bits | bits << 4) & 0x0f0f0f0fu;
  bits = (bits | bits << 2) & 0x33333333u;
  return (bits | bits << 1) & 0x55555555u;
}

/// Every second pixel, by two loads.
[[gnu::always_inline]] QEVAL_TARGET_AVX512 inline __m512i second_pixels(const std::uint8_t* from, std::uint16_t mask) {
  const std::uint32_t both = spread(mask);
  const __m512i low = _mm512_maskz_loadu_epi32(static_cast<__mmask16>(both), from);
  const __m512i high = _mm512_maskz_loadu_epi32(static_cast<__mmask16>(both >> 16), from + chunk_bytes);
  const __m512i even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  return _mm512_permutex2var_epi32(low, even, high);
}

/// `chunk` with the piece's pixels in their places. Loads of pixels that a mask leaves out do not happen.
template <int stride>
[[gnu::always_inline]] QEVAL_TARGET_AVX512 inline __m512i with_piece(__m512i chunk, const std::uint8_t* plane,
                                                                     const PixelPiece& piece, __m512i steps) {
  const std::uint8_t* from = plane + std::ptrdiff_t{piece.from} * pixel_bytes;
  if constexpr (stride == 1) return _mm512_mask_loadu_epi32(chunk, piece.mask, from);
  if constexpr (stride == 2) return _mm512_mask_mov_epi32(chunk, piece.mask, second_pixels(from, piece.mask));
  return _mm512_mask_i32gather_epi32(chunk, piece.mask, steps, from, pixel_bytes);
}

template <int stride>
QEVAL_TARGET_AVX512 void gather(const PixelRows& rows) {
  const __m512i padding = _mm512_set1_epi32(static_cast<int>(rows.padding));
  const __m512i steps = _mm512_mullo_epi32(_mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
                                           _mm512_set1_epi32(rows.stride));
  const std::uint8_t* plane = rows.planes;
  std::uint8_t* row_to = rows.to;
  for (int row = 0; row < rows.rows; ++row, plane += rows.plane_bytes, row_to += rows.row_bytes) {
    std::uint8_t* to = row_to;
    __m512i chunk = padding;
    for (const PixelPiece& piece : rows.pieces) {
      chunk = with_piece<stride>(chunk, plane, piece, steps);
      if (!piece.last) continue;
      _mm512_storeu_si512(to, chunk);
      chunk = padding;
      to += chunk_bytes;
    }
  }
}

}  // namespace

void gather_avx512(const PixelRows& rows) {
  constexpr int any = 0;
  if (rows.stride == 1)
    gather<1>(rows);
  else
    rows.stride == 2 ? gather<2>(rows) : gather<any>(rows);
}

}  // namespace qeval
#endif
