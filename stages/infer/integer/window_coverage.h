#pragma once
/// Positions of a window that lie in the image. Thread-safety: free functions.
#include <algorithm>

#include "stages/infer/integer/code_shape.h"
#include "stages/model/graph.h"

namespace qeval {

/// first, first + step, … last; none where last is below first.
struct Positions {
  int first = 0, last = 0, step = 1;
  int count() const { return first > last ? 0 : (last - first) / step + 1; }
};

/// axis: 0 = height, 1 = width; `position`: which window; `size`: of the image.
inline Positions covered(const Window& window, std::size_t axis, int position, int size) {
  const int step = window.dilation[axis];
  int first = position * window.stride[axis] - window.padding[2 * axis];
  const int last = std::min(first + (window.kernel[axis] - 1) * step, size - 1);
  if (first < 0) first += (-first + step - 1) / step * step;
  return {first, last, step};
}

/// How many positions of a window lie in the image or its padding.
inline int padded_count(const Window& window, std::size_t axis, int position, int size) {
  const int first = position * window.stride[axis] - window.padding[2 * axis];
  const int room = size + window.padding[2 * axis + 1] - first, step = window.dilation[axis];
  return std::min(window.kernel[axis], (room + step - 1) / step);
}

/// Every window has a pixel.
inline bool all_meet(const Window& window, const CodeShape& input, const CodeShape& output) {
  for (int y = 0; y < output.height; ++y)
    if (const Positions p = covered(window, 0, y, input.height); p.first > p.last) return false;
  for (int x = 0; x < output.width; ++x)
    if (const Positions p = covered(window, 1, x, input.width); p.first > p.last) return false;
  return true;
}

}  // namespace qeval
