#pragma once
/// How a batch of codes lies in memory: u8 [⌈C/4⌉][N][H][W][4], four channels of a pixel side by side, so that every
/// instruction set reads the same layout (dot_kernel.h). A row of features is an image of one pixel. Lanes behind the
/// last channel have any values: weights there are zero.
#include <cstddef>

namespace qeval {

inline constexpr int lanes = 4;

/// Of one image.
struct CodeShape {
  int channels = 0, height = 1, width = 1;

  int quads() const { return (channels + lanes - 1) / lanes; }
  int pixels() const { return height * width; }
  std::size_t bytes() const {
    return static_cast<std::size_t>(quads()) * static_cast<std::size_t>(pixels()) * std::size_t{lanes};
  }
  bool operator==(const CodeShape&) const = default;
};

}  // namespace qeval
