#include "stages/image/crop.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace qeval {
namespace {

/// std::nearbyint rounds half to even in the default mode, as Python's round does.
int round_half_even(double value) { return static_cast<int>(std::nearbyint(value)); }

int center_offset(int image_side, int crop_side) {
  if (image_side < crop_side) return -((crop_side - image_side) / 2);
  return round_half_even((image_side - crop_side) / 2.0);
}

int fraction_side(int image_side, double fraction) { return std::max(1, round_half_even(image_side * fraction)); }

}  // namespace

Image crop(const Image& image, const PixelBox& box) {
  Image out{box.width, box.height, {}};
  out.rgb.resize(static_cast<std::size_t>(box.width) * box.height * 3);
  const int left = std::max(box.left, 0), right = std::min(box.left + box.width, image.width);
  const int top = std::max(box.top, 0), bottom = std::min(box.top + box.height, image.height);
  if (left >= right) return out;
  for (int y = top; y < bottom; ++y) {
    std::memcpy(out.row(y - box.top) + static_cast<std::size_t>(left - box.left) * 3,
                image.row(y) + static_cast<std::size_t>(left) * 3, static_cast<std::size_t>(right - left) * 3);
  }
  return out;
}

bool lies_inside(const PixelBox& box, int width, int height) {
  return box.left >= 0 && box.top >= 0 && box.left <= width - box.width && box.top <= height - box.height;
}

PixelBox center_crop_box(int width, int height, int size) {
  return {center_offset(width, size), center_offset(height, size), size, size};
}

PixelBox center_fraction_box(int width, int height, double fraction) {
  const int cropped_width = fraction_side(width, fraction), cropped_height = fraction_side(height, fraction);
  return {(width - cropped_width) / 2, (height - cropped_height) / 2, cropped_width, cropped_height};
}

PixelBox center_padded_box(int width, int height, int size, int padding) {
  const double share = static_cast<double>(size) / (size + padding);
  const int side = static_cast<int>(share * std::min(width, height));
  const int drawn = std::max(1, side);
  return {(width - side + 1) / 2, (height - side + 1) / 2, drawn, drawn};
}

}  // namespace qeval
