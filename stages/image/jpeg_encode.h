#pragma once
/// RGB to JPEG, baseline, colours at half size (4:2:0): for small pictures that people look at, never for pixels that
/// are computed with. The same bytes for the same image, quality and library.
///
/// Thread-safety: free function without shared state. Ownership: the result owns its bytes.
/// Errors: std::invalid_argument for an image without pixels, or with a side above 65,500; std::bad_alloc.
#include <cstdint>
#include <vector>

#include "stages/image/image.h"

namespace qeval {

/// quality: 1 … 100, as libjpeg counts it.
std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality);

}  // namespace qeval
