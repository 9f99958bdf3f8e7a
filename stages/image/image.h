#pragma once
/// An owned 8-bit RGB image; a gray one has three equal channels. Layout: u8 HWC, rows tightly packed, no alpha.
#include <cstddef>
#include <cstdint>
#include <vector>

namespace qeval {

struct Image {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> rgb;  ///< height · width · 3 bytes

  const std::uint8_t* row(int y) const { return rgb.data() + static_cast<std::size_t>(y) * width * 3; }
  std::uint8_t* row(int y) { return rgb.data() + static_cast<std::size_t>(y) * width * 3; }
};

}  // namespace qeval
