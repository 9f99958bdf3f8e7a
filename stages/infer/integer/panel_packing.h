#pragma once
/// Panels of pixels for dot kernels, from a batch's codes: what a window covers, value by value ("im2col"), a few pixels
/// at a time. Up to 64 bytes behind the input may be read and behind the panel written, whose pixels are a multiple of
/// 16. Thread-safety: immutable. Errors: none.
#include <array>
#include <cstdint>
#include <vector>

#include "stages/infer/integer/code_shape.h"
#include "stages/model/graph.h"

namespace qeval {

class PanelPacking {
 public:
  /// `window`: of the layer. `padding_code`: what stands around the image.
  PanelPacking(const CodeShape& input, const CodeShape& output, const Window& window, std::uint8_t padding_code);

  int taps() const { return window_.kernel[0] * window_.kernel[1]; }

  /// Output pixels first … first + used − 1, counted through the batch.
  class Pixels {
   public:
    Pixels(const PanelPacking& packing, int first, int used);

   private:
    friend class PanelPacking;
    /// Pixels of one output row; row and column are those of the window's first tap, which may lie outside.
    struct Run {
      int image, row, column, length;
    };
    std::vector<Run> runs_;
    int first_, used_;
  };

  /// panel: u8 [taps][count][pixels][4] of the quads first … first + count − 1; input: the batch's codes.
  void pack(const std::uint8_t* input, int images, const Pixels& pixels, int first_quad, int count, int panel_pixels,
            std::uint8_t* panel) const;

  /// Of channels that do not begin with a quad: u8 [taps][⌈count / 4⌉][pixels][4].
  void pack_channels(const std::uint8_t* input, int images, const Pixels& pixels, int first_channel, int count,
                     int panel_pixels, std::uint8_t* panel) const;

 private:
  void pack_tap(const std::uint8_t* plane, const Pixels& pixels, int tap, std::uint8_t* row) const;
  /// Every window has one tap, which is its own pixel.
  bool is_plain() const { return plain_; }

  CodeShape input_, output_;
  Window window_;
  bool plain_;
  std::uint32_t padding_;  ///< four codes
};

}  // namespace qeval
