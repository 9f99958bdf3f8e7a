#pragma once
/// Panels of pixels for dot kernels, from a batch's codes: what a window covers, value by value ("im2col"), a few
/// pixels at a time. Pixels of a panel are a multiple of 16; what lies behind those that are used is padding, or
/// nothing. Thread-safety: immutable. Errors: none.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "stages/infer/integer/code_shape.h"
#include "stages/infer/kernels/pixel_gather.h"
#include "stages/model/graph.h"

namespace qeval {

class PanelPacking {
 public:
  /// `window`: of the layer. `padding_code`: what stands around the image.
  PanelPacking(const CodeShape& input, const CodeShape& output, const Window& window, std::uint8_t padding_code);

  int taps() const { return window_.kernel[0] * window_.kernel[1]; }

  /// Where the output pixels first … first + used − 1, counted through the batch, find their values, tap by tap.
  class Pixels {
   public:
    Pixels(const PanelPacking& packing, int first, int used);
    std::span<const PixelPiece> pieces(int tap) const {
      const std::size_t begin = tap == 0 ? 0 : ends_[static_cast<std::size_t>(tap) - 1];
      return std::span(pieces_).subspan(begin, ends_[static_cast<std::size_t>(tap)] - begin);
    }

   private:
    class TapPieces;

    std::vector<PixelPiece> pieces_;
    std::vector<std::size_t> ends_;  ///< per tap
  };

  /// panel: u8 [taps][count][pixels][4] of the quads first_quad … first_quad + count − 1; input: the batch's codes.
  void pack(const std::uint8_t* input, int images, const Pixels& pixels, int first_quad, int count, int panel_pixels,
            std::uint8_t* panel) const;

  /// Of channels that do not begin with a quad: u8 [taps][⌈count / 4⌉][pixels][4].
  void pack_channels(const std::uint8_t* input, int images, const Pixels& pixels, int first_channel, int count,
                     int panel_pixels, std::uint8_t* panel) const;

 private:
  CodeShape input_, output_;
  Window window_;
  std::uint32_t padding_;  ///< four codes
};

/// Where the pixels of all panels of a batch are found; kept for the next batch of as many images.
/// Thread-safety: of may be called from any thread.
class PanelsOfBatch {
 public:
  using List = std::vector<PanelPacking::Pixels>;

  /// `outputs`: pixels of an output image.
  PanelsOfBatch(int outputs, int panel_pixels) : outputs_(outputs), panel_pixels_(panel_pixels) {}
  std::shared_ptr<const List> of(const PanelPacking& packing, int images) const;

 private:
  int outputs_, panel_pixels_;
  mutable std::mutex mutex_;
  mutable int images_ = 0;
  mutable std::shared_ptr<const List> list_;
};

}  // namespace qeval
