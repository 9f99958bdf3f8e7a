#pragma once
/// Pillow's convert("RGB") for the two non-RGB layouts that JPEG decoding yields, one row at a time.
///
/// Thread-safety: free functions without state. `rgb` receives 3 · width bytes.
#include <cstdint>

namespace qeval {

/// gray: width bytes. R = G = B = Y.
void gray_to_rgb(const std::uint8_t* gray, int width, std::uint8_t* rgb);

/// cmyk: 4 · width bytes as libjpeg returns them. Pillow assumes Adobe's inverted polarity, marker or not, and ignores
/// colour profiles.
void cmyk_to_rgb(const std::uint8_t* cmyk, int width, std::uint8_t* rgb);

}  // namespace qeval
