#pragma once
/// JPEG to RGB, equal to Pillow 13.0.0's Image.open(f).convert("RGB") to the byte.
///
/// EXIF orientation and ICC profiles are ignored, as torchvision's pil_loader does. Accepted and rejected files are
/// the same as Pillow's, except for the limits below.
/// Thread-safety: free function without shared state. Ownership: the result owns its pixels.
/// Errors: ItemError with kind "empty", "not_jpeg", "truncated", "corrupt", "unsupported", "too_large",
/// "too_many_scans", "too_slow" or "out_of_memory" (more than max_memory_bytes). They depend on the file and the
/// limits alone, never on how busy the machine is: where it has no memory left, std::bad_alloc.
#include <cstdint>
#include <span>

#include "stages/image/image.h"

namespace qeval {

struct JpegLimits {
  std::int64_t max_pixels = 178'956'970;        ///< Pillow's own decompression-bomb error limit
  int max_scans = 500;                          ///< progressive scans, as TurboJPEG's limit
  std::int64_t max_memory_bytes = 512ll << 20;  ///< libjpeg's working memory
  /// Work: blocks of 8×8 samples, counted anew by every scan that goes through them ("too_slow" beyond); about three
  /// seconds of one core in an ordinary progressive file. Eight times what max_memory_bytes holds: libjpeg's own
  /// progressive files go six times through the blocks they have most of.
  std::int64_t max_blocks = 32ll << 20;
};

struct DecodedJpeg {
  Image image;
  int warnings = 0;  ///< libjpeg warnings that Pillow ignores too (bit rot with resync, …)
};

DecodedJpeg decode_jpeg(std::span<const std::uint8_t> file, const JpegLimits& limits = {});

/// Name and version of the library that decodes, for a run's identity.
const char* jpeg_library();

}  // namespace qeval
