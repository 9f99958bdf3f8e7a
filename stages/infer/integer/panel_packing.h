#pragma once
/// Panels of pixels for dot kernels, from a batch's codes: what a window covers, value by value ("im2col"), a few
/// pixels at a time. Up to 64 bytes behind the input may be read and behind the panel written; panels are filled from
/// front to back. Pixels of a panel are a multiple of 16. Thread-safety: immutable. Errors: none.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "stages/infer/integer/code_shape.h"
#include "stages/model/graph.h"

namespace qeval {

class PanelPacking {
 public:
  /// `window`: of the layer. `padding_code`: what stands around the image.
  PanelPacking(const CodeShape& input, const CodeShape& output, const Window& window, std::uint8_t padding_code);

  int taps() const { return window_.kernel[0] * window_.kernel[1]; }

  /// Neighbouring pixels of a panel's row that come from pixels of a plane, every `stride`-th of them.
  struct Copy {
    int from, to, count;
  };
  /// Neighbouring pixels that lie outside the image.
  struct Fill {
    int to, count;
  };

  /// Where the output pixels first … first + used − 1, counted through the batch, find their values: for every tap, its
  /// copies, then its fills, which go over what copies wrote between two of their rows.
  class Pixels {
   public:
    Pixels(const PanelPacking& packing, int first, int used);
    std::span<const Copy> copies(int tap) const { return part(copies_, copies_end_, tap); }
    std::span<const Fill> fills(int tap) const { return part(fills_, fills_end_, tap); }

   private:
    template <class T>
    static std::span<const T> part(const std::vector<T>& all, const std::vector<std::size_t>& ends, int tap) {
      const std::size_t begin = tap == 0 ? 0 : ends[static_cast<std::size_t>(tap) - 1];
      return std::span(all).subspan(begin, ends[static_cast<std::size_t>(tap)] - begin);
    }
    void add_copy(Copy copy, int stride, std::size_t first_of_tap);

    std::vector<Copy> copies_;
    std::vector<Fill> fills_;
    std::vector<std::size_t> copies_end_, fills_end_;  ///< per tap
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

}  // namespace qeval
