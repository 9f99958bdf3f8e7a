#include <limits>

#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/ones.h>

#include "stages/infer/operation_families.h"
#include "stages/infer/window_sums.h"
#include "stages/model/node_shapes.h"

namespace qeval {
namespace {

bool has_gaps(const Window& window) { return window.dilation != std::array<int, 2>{1, 1}; }

/// ATen pads both sides alike, and by no more than half a kernel. Windows with gaps may miss the image.
bool aten_pads_it(const Window& window) {
  const auto [top, bottom, left, right] = window.padding;
  const bool meets_image = !has_gaps(window) || (top == 0 && left == 0);
  return meets_image && top == bottom && left == right && 2 * top <= window.kernel[0] && 2 * left <= window.kernel[1];
}

struct PoolGeometry {
  explicit PoolGeometry(const Window& window)
      : kernel(window.kernel.begin(), window.kernel.end()),
        stride(window.stride.begin(), window.stride.end()),
        dilation(window.dilation.begin(), window.dilation.end()) {
    if (aten_pads_it(window)) padding = {window.padding[0], window.padding[2]};
  }
  std::vector<std::int64_t> kernel, stride, dilation, padding{0, 0};
};

/// So that the windows end where the tensor ends. In ATen's order: left, right, top, bottom.
std::vector<std::int64_t> pads_of(const Window& window, const at::Tensor& x) {
  return {window.padding[2], padding_reached(window, 1, x.size(3)), window.padding[0],
          padding_reached(window, 0, x.size(2))};
}

std::unique_ptr<Operation> make_max_pool(const Window& window) {
  return make_function([window, pool = PoolGeometry(window)](Operands& operands) {
    const at::Tensor& x = operands[0];
    if (aten_pads_it(window))
      return at::max_pool2d(x, pool.kernel, pool.stride, pool.padding, pool.dilation, window.ceil_mode);
    // What onnxruntime answers for a window that misses the image is the lowest number.
    const at::Tensor padded = at::constant_pad_nd(x, pads_of(window, x), std::numeric_limits<float>::lowest());
    return at::max_pool2d(padded, pool.kernel, pool.stride, pool.padding, pool.dilation);
  });
}

/// Windows with gaps, which ATen's averages do not know: value after value of the kernel.
at::Tensor sums_with_gaps(const at::Tensor& padded, const Window& window) {
  const std::int64_t down = window.stride[0], right = window.stride[1];
  const std::int64_t height = padded.size(2) - window_extent(window, 0) + 1;
  const std::int64_t width = padded.size(3) - window_extent(window, 1) + 1;
  at::Tensor sums;
  for (int i = 0; i < window.kernel[0]; ++i)
    for (int j = 0; j < window.kernel[1]; ++j) {
      const std::int64_t top = std::int64_t{i} * window.dilation[0], left = std::int64_t{j} * window.dilation[1];
      const at::Tensor values = padded.slice(2, top, top + height, down).slice(3, left, left + width, right);
      sums = sums.defined() ? sums.add_(values) : values.clone();
    }
  return sums;
}

at::Tensor padded_window_sums(const at::Tensor& padded, const Window& window) {
  if (has_gaps(window)) return sums_with_gaps(padded, window);
  const PoolGeometry pool({.kernel = window.kernel, .stride = window.stride});
  return at::avg_pool2d(padded, pool.kernel, pool.stride, pool.padding, false, true, 1);
}

std::unique_ptr<Operation> make_avg_pool(const Window& window) {
  return make_function([window, pool = PoolGeometry(window)](Operands& operands) {
    const at::Tensor& x = operands[0];
    if (aten_pads_it(window) && !has_gaps(window))
      return at::avg_pool2d(x, pool.kernel, pool.stride, pool.padding, window.ceil_mode, window.count_include_pad);
    return window_sums(x, window).div(window_counts(x, window));
  });
}

}  // namespace

at::Tensor window_sums(const at::Tensor& x, const Window& window) {
  return padded_window_sums(at::constant_pad_nd(x, pads_of(window, x)), window);
}

at::Tensor window_counts(const at::Tensor& x, const Window& window) {
  std::vector<std::int64_t> pads = pads_of(window, x);
  std::vector<std::int64_t> sides{1, 1, x.size(2), x.size(3)};
  if (window.count_include_pad) {
    const auto [top, bottom, left, right] = window.padding;
    sides = {1, 1, x.size(2) + top + bottom, x.size(3) + left + right};
    pads = {0, pads[1] - right, 0, pads[3] - bottom};
  }
  return padded_window_sums(at::constant_pad_nd(at::ones(sides, x.options()), pads), window);
}

std::unique_ptr<Operation> make_pool(const Node& node) {
  switch (node.op) {
    case Op::max_pool: return make_max_pool(node.window);
    case Op::avg_pool: return make_avg_pool(node.window);
    case Op::global_avg_pool:
      return make_function([](Operands& operands) { return at::adaptive_avg_pool2d(operands[0], {1, 1}); });
    default: return nullptr;
  }
}

}  // namespace qeval
