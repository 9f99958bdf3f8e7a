#pragma once
/// Rows of a panel from planes of an image: pixels of four bytes, sixteen at a time, each lot by as few loads as the
/// image's rows allow; what lies outside the image is padding.
/// Thread-safety: free functions. Errors: none. Nothing is read but the pixels that pieces name.
#include <cstddef>
#include <cstdint>
#include <span>

namespace qeval {

inline constexpr int gather_pixels = 16;  ///< of a chunk

/// Pixels of one chunk that lie `stride` apart in the plane. A chunk may have several pieces, in a row, or one of none.
struct PixelPiece {
  std::int32_t from = 0;   ///< the plane's pixel that the chunk's first one would be; may lie outside
  std::uint16_t mask = 0;  ///< bit i: the chunk's pixel i is of this piece
  bool last = true;        ///< of its chunk
};

struct PixelRows {
  const std::uint8_t* planes = nullptr;  ///< u8 [rows][…][4]
  std::ptrdiff_t plane_bytes = 0;
  int rows = 0, stride = 1;
  std::span<const PixelPiece> pieces;  ///< of all chunks of a row
  std::uint32_t padding = 0;           ///< four bytes
  std::uint8_t* to = nullptr;          ///< u8 [rows][chunks][16][4]
  std::ptrdiff_t row_bytes = 0;
};

using PixelGather = void (*)(const PixelRows& rows);

void gather_portable(const PixelRows& rows);
/// For QEVAL_TARGET_AVX2 and QEVAL_TARGET_AVX512.
void gather_avx2(const PixelRows& rows);
void gather_avx512(const PixelRows& rows);

}  // namespace qeval
