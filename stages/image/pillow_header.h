#pragma once
/// Pillow's own walk over a JPEG's header, which refuses files that libjpeg would still decode.
///
/// Source: the rules of Pillow 13.0's JpegImagePlugin, up to the first scan. Thread-safety: free function without
/// state.
#include <cstdint>
#include <span>

namespace qeval {

/// What Pillow dislikes about the header, as a phrase for a message; nullptr when it accepts the file.
/// `file` must start like a JPEG.
const char* pillow_header_fault(std::span<const std::uint8_t> file);

}  // namespace qeval
