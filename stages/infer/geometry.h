#pragma once
/// Windows in ATen's terms. Thread-safety: immutable.
#include <array>
#include <cstdint>
#include <vector>

#include <ATen/ops/constant_pad_nd.h>

#include "stages/model/graph.h"

namespace qeval {

/// ATen pads both sides alike; anything else is padded by hand first.
struct Geometry {
  explicit Geometry(const Window& window)
      : stride(window.stride.begin(), window.stride.end()),
        dilation(window.dilation.begin(), window.dilation.end()),
        groups(window.groups) {
    const auto [top, bottom, left, right] = window.padding;
    if (top == bottom && left == right)
      padding = {top, left};
    else
      pad_by_hand = {left, right, top, bottom};
  }
  at::Tensor pad(const at::Tensor& x) const { return pad_by_hand.empty() ? x : at::constant_pad_nd(x, pad_by_hand); }

  std::vector<std::int64_t> padding{0, 0}, stride, dilation, pad_by_hand;
  std::int64_t groups;
};

/// Padding cuts rows and columns off the result. ATen cuts both sides alike, so they are cut here. Weights are IOHW.
class TransposedGeometry {
 public:
  explicit TransposedGeometry(const Window& window);
  at::Tensor output(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) const;
  /// Of the weight, from that of the output; nothing comes from what is cut off.
  at::Tensor weight_gradient(const at::Tensor& of_output, const at::Tensor& x, const at::Tensor& weight) const;

 private:
  std::vector<std::int64_t> stride_, dilation_, extra_;
  std::array<int, 4> cut_;
  std::int64_t groups_;
};

}  // namespace qeval
