#pragma once
/// Cutting rectangles out of images, with the offset rules of the libraries that define them.
///
/// Thread-safety: free functions without state. Units: pixels.
#include "stages/image/image.h"
#include "stages/image/pil_resize.h"

namespace qeval {

/// The pixels of `box`; where it reaches outside the image they are 0.
Image crop(const Image& image, const PixelBox& box);

bool lies_inside(const PixelBox& box, int width, int height);

/// torchvision CenterCrop: offsets rounded half to even. On a smaller image the box reaches outside, by floor(d / 2)
/// to the left and top and by floor((d + 1) / 2) to the right and bottom: torchvision's zero padding.
PixelBox center_crop_box(int width, int height, int size);

/// Sides rounded half to even, offsets floor((side − cropped) / 2).
PixelBox center_fraction_box(int width, int height, double fraction);

/// EfficientNet's padded centre crop: a square of side int(size / (size + padding) · min(w, h)), offsets
/// floor((side of the image − side + 1) / 2). A side of 0 gives one pixel outside the image: black, as Pillow makes of
/// it.
PixelBox center_padded_box(int width, int height, int size, int padding);

}  // namespace qeval
