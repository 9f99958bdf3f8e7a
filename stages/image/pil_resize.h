#pragma once
/// Pillow's Image.resize for 8-bit RGB with antialiasing, to the byte.
///
/// Source: Pillow's Resample.c rules as measured against Pillow 9.4 … 13.0: 22-bit fixed-point coefficients, two
/// passes with an 8-bit image between them. The order of the passes changed between versions and changes bytes.
/// Thread-safety: free functions without shared state.
#include <string_view>

#include "stages/image/image.h"

namespace qeval {

enum class ResizeFilter { bilinear, bicubic };

/// Which Pillow version's pass order to follow.
enum class PillowOrder {
  pillow_12_1,  ///< ≤ 12.1: horizontal, then vertical
  pillow_12_2,  ///< 12.2, 12.3: vertical first iff h_in > 100·w_in and h_out < h_in
  pillow_13     ///< 13.0: vertical first iff h_in−h_out > 0 and h_in−h_out > 2·(w_in−w_out)
};

/// The part of the output that is wanted, in output pixels.
struct PixelBox {
  int left = 0, top = 0, width = 0, height = 0;
};

/// Resizes `input` to out_width × out_height.
Image resize(const Image& input, int out_width, int out_height, ResizeFilter filter, PillowOrder order);

/// Same pixels as crop(resize(...), box), computing only what `box` needs. `box` must lie inside the output.
Image resize_window(const Image& input, int out_width, int out_height, const PixelBox& box, ResizeFilter filter,
                    PillowOrder order);

}  // namespace qeval
