#include "stages/image/pillow_color.h"

#include <algorithm>

namespace qeval {
namespace {

/// Pillow's MULDIV255: a · b / 255, rounded.
int multiply_255(int a, int b) {
  const int product = a * b + 128;
  return ((product >> 8) + product) >> 8;
}

}  // namespace

void gray_to_rgb(const std::uint8_t* gray, int width, std::uint8_t* rgb) {
  for (int x = 0; x < width; ++x, rgb += 3) rgb[0] = rgb[1] = rgb[2] = gray[x];
}

void cmyk_to_rgb(const std::uint8_t* cmyk, int width, std::uint8_t* rgb) {
  for (int x = 0; x < width; ++x, cmyk += 4, rgb += 3) {
    const int not_black = cmyk[3];
    for (int channel = 0; channel < 3; ++channel) {
      const int ink = 255 - cmyk[channel];
      rgb[channel] = static_cast<std::uint8_t>(std::max(0, not_black - multiply_255(ink, not_black)));
    }
  }
}

void make_gray(Image& image) {
  for (std::size_t i = 0; i < image.rgb.size(); i += 3) {
    std::uint8_t* const pixel = image.rgb.data() + i;
    const std::uint32_t luma = 19595u * pixel[0] + 38470u * pixel[1] + 7471u * pixel[2] + 0x8000u;
    pixel[0] = pixel[1] = pixel[2] = static_cast<std::uint8_t>(luma >> 16);
  }
}

}  // namespace qeval
