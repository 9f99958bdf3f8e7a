#include "stages/infer/geometry.h"

#include <tuple>

#include <ATen/ops/convolution.h>
#include <ATen/ops/convolution_backward.h>

namespace qeval {

TransposedGeometry::TransposedGeometry(const Window& window)
    : stride_(window.stride.begin(), window.stride.end()),
      dilation_(window.dilation.begin(), window.dilation.end()),
      extra_(window.output_padding.begin(), window.output_padding.end()),
      cut_(window.padding),
      groups_(window.groups) {}

at::Tensor TransposedGeometry::output(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) const {
  const at::Tensor whole = at::convolution(x, weight, bias, stride_, {0, 0}, dilation_, true, extra_, groups_);
  const auto [top, bottom, left, right] = cut_;
  return whole.slice(2, top, whole.size(2) - bottom).slice(3, left, whole.size(3) - right);
}

at::Tensor TransposedGeometry::weight_gradient(const at::Tensor& of_output, const at::Tensor& x,
                                               const at::Tensor& weight) const {
  const auto [top, bottom, left, right] = cut_;
  const at::Tensor whole = at::constant_pad_nd(of_output, {left, right, top, bottom});
  return std::get<1>(at::convolution_backward(whole, x, weight, at::OptionalIntArrayRef(), stride_, {0, 0}, dilation_,
                                              true, extra_, groups_, {false, true, false}));
}

}  // namespace qeval
