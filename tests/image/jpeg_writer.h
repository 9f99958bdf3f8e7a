#pragma once
/// Makes JPEG files of every kind that the decoding tests need.
#include <cstdint>
#include <string>
#include <vector>

namespace qeval::test {

struct JpegSpec {
  enum class Color { rgb, gray, cmyk, ycck } color = Color::rgb;
  int width = 0, height = 0;
  std::vector<std::uint8_t> pixels;  ///< 3, 1 or 4 bytes each; CMYK as stored, i.e. inverted in Adobe's convention
  int quality = 90;
  bool subsample = true;  ///< 4:2:0, otherwise 4:4:4
  bool progressive = false, arithmetic = false;
  int restart_interval = 0;       ///< in MCUs; 0 = no restart markers
  bool one_scan_per_bit = false;  ///< 700 progressive scans; gray only
  std::string exif;               ///< content of an APP1 segment; empty = none
};

std::vector<std::uint8_t> write_jpeg(const JpegSpec& spec);

/// The headers of a file that claims a size and has no picture data.
std::vector<std::uint8_t> jpeg_header_only(int width, int height, bool progressive, int bits = 8, int components = 3);

}  // namespace qeval::test
