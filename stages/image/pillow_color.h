#pragma once
/// Pillow's convert("RGB") for the two non-RGB layouts that JPEG decoding yields, one row at a time, and its
/// convert("L").
///
/// Thread-safety: free functions without state. `rgb` receives 3 · width bytes.
#include <cstdint>

#include "stages/image/image.h"

namespace qeval {

/// gray: width bytes. R = G = B = Y.
void gray_to_rgb(const std::uint8_t* gray, int width, std::uint8_t* rgb);

/// cmyk: 4 · width bytes as libjpeg returns them. Pillow assumes Adobe's inverted polarity, marker or not, and ignores
/// colour profiles.
void cmyk_to_rgb(const std::uint8_t* cmyk, int width, std::uint8_t* rgb);

/// Pillow's convert("L"), of every mode by way of RGB: L = (19595 R + 38470 G + 7471 B + 2^15) / 2^16. libjpeg's own
/// gray is another one: the Y of the file, before it becomes colours of 8 bits. The picture stays RGB, with R = G = B =
/// L.
void make_gray(Image& image);

}  // namespace qeval
