#include <cstring>

#include "stages/infer/kernels/pixel_gather.h"

namespace qeval {
namespace {

constexpr std::uint16_t whole = 0xffff;
constexpr int pixel_bytes = 4;

void copy(const std::uint8_t* plane, const PixelPiece& piece, int stride, std::uint8_t* to) {
  const std::ptrdiff_t first = std::ptrdiff_t{piece.from} * pixel_bytes;
  if (piece.mask == whole && stride == 1) {
    std::memcpy(to, plane + first, gather_pixels * pixel_bytes);
    return;
  }
  for (int i = 0; i < gather_pixels; ++i)
    if (piece.mask >> i & 1) std::memcpy(to + i * pixel_bytes, plane + first + i * stride * pixel_bytes, pixel_bytes);
}

}  // namespace

void gather_portable(const PixelRows& rows) {
  for (int row = 0; row < rows.rows; ++row) {
    const std::uint8_t* plane = rows.planes + row * rows.plane_bytes;
    std::uint8_t* to = rows.to + row * rows.row_bytes;
    bool first = true;
    for (const PixelPiece& piece : rows.pieces) {
      if (first && piece.mask != whole)
        for (int i = 0; i < gather_pixels; ++i) std::memcpy(to + i * pixel_bytes, &rows.padding, pixel_bytes);
      copy(plane, piece, rows.stride, to);
      first = piece.last;
      if (piece.last) to += gather_pixels * pixel_bytes;
    }
  }
}

}  // namespace qeval
