#pragma once
/// Names a file's real format from its first bytes, so that a wrongly named file gets a useful message.
///
/// Thread-safety: free functions without state.
#include <cstdint>
#include <span>
#include <string_view>

namespace qeval {

/// True when the file starts with FF D8 FF, which Pillow demands at byte 0 too.
bool starts_like_jpeg(std::span<const std::uint8_t> file);

/// "PNG", "GIF", "WebP", "BMP", "TIFF", "JPEG 2000", "JPEG XL", "AVIF/HEIF", "HTML"; empty when not recognised.
std::string_view other_format_name(std::span<const std::uint8_t> file);

}  // namespace qeval
