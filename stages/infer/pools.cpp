#include <limits>

#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/ones_like.h>

#include "stages/infer/operation_families.h"

namespace qeval {
namespace {

bool symmetric(const Window& window) {
  return window.padding[0] == window.padding[1] && window.padding[2] == window.padding[3];
}

struct PoolGeometry {
  explicit PoolGeometry(const Window& window, bool padded_by_hand)
      : kernel(window.kernel.begin(), window.kernel.end()),
        stride(window.stride.begin(), window.stride.end()),
        dilation(window.dilation.begin(), window.dilation.end()) {
    if (!padded_by_hand) padding = {window.padding[0], window.padding[2]};
  }
  std::vector<std::int64_t> kernel, stride, dilation, padding{0, 0};
};

std::unique_ptr<Operation> make_max_pool(const Window& window) {
  const bool by_hand = !symmetric(window);
  return make_function([=, pads = aten_pads(window), pool = PoolGeometry(window, by_hand)](Operands& operands) {
    const at::Tensor x =
        by_hand ? at::constant_pad_nd(operands[0], pads, -std::numeric_limits<double>::infinity()) : operands[0];
    return at::max_pool2d(x, pool.kernel, pool.stride, pool.padding, pool.dilation, window.ceil_mode);
  });
}

std::unique_ptr<Operation> make_avg_pool(const Window& window) {
  const bool by_hand = !symmetric(window);
  return make_function([=, pads = aten_pads(window), pool = PoolGeometry(window, by_hand)](Operands& operands) {
    const auto averages = [&](const at::Tensor& x) {
      return at::avg_pool2d(x, pool.kernel, pool.stride, pool.padding, window.ceil_mode, window.count_include_pad);
    };
    if (!by_hand) return averages(operands[0]);
    const at::Tensor sums = averages(at::constant_pad_nd(operands[0], pads));
    if (window.count_include_pad) return sums;
    // The share of each window that lies in the image.
    const at::Tensor inside = at::ones_like(operands[0].slice(0, 0, 1).slice(1, 0, 1));
    return sums.div(averages(at::constant_pad_nd(inside, pads)));
  });
}

}  // namespace

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
