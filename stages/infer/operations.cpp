#include <ATen/ops/adaptive_avg_pool2d.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/relu.h>

#include <functional>
#include <limits>
#include <string>

#include "pipeline/errors.h"
#include "stages/infer/activation.h"
#include "stages/infer/convolution.h"
#include "stages/infer/operation.h"

namespace qeval {
namespace {

/// An operation that is one expression.
class Function : public Operation {
 public:
  using Body = std::function<at::Tensor(Operands&)>;
  explicit Function(Body body) : body_(std::move(body)) {}
  at::Tensor run(Operands& operands) const override { return body_(operands); }

 private:
  Body body_;
};

std::unique_ptr<Operation> function(Function::Body body) { return std::make_unique<Function>(std::move(body)); }

at::Tensor pass_on(Operands& operands) { return std::move(operands[0]); }

at::Tensor activate(Operands& operands, Op op) {
  if (exclusive(operands[0])) return activate_in_place(std::move(operands[0]), op);
  return op == Op::relu ? at::relu(operands[0]) : at::clamp(operands[0], 0, 6);
}

at::Tensor add(Operands& operands) {
  if (exclusive(operands[0])) return operands[0].add_(operands[1]);
  if (exclusive(operands[1])) return operands[1].add_(operands[0]);
  return operands[0].add(operands[1]);
}

/// Pads are in ATen's order: left, right, top, bottom.
std::vector<std::int64_t> aten_pads(const Window& window) {
  const auto [top, bottom, left, right] = window.padding;
  return {left, right, top, bottom};
}

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
  return function([=, pads = aten_pads(window), pool = PoolGeometry(window, by_hand)](Operands& operands) {
    const at::Tensor x =
        by_hand ? at::constant_pad_nd(operands[0], pads, -std::numeric_limits<double>::infinity()) : operands[0];
    return at::max_pool2d(x, pool.kernel, pool.stride, pool.padding, pool.dilation, window.ceil_mode);
  });
}

std::unique_ptr<Operation> make_avg_pool(const Node& node) {
  const Window& window = node.window;
  const bool by_hand = !symmetric(window);
  if (by_hand && !window.count_include_pad)
    throw InternalError("node " + node.name + ": average pool with uneven padding that does not count is not supported");
  return function([=, pads = aten_pads(window), pool = PoolGeometry(window, by_hand)](Operands& operands) {
    const at::Tensor x = by_hand ? at::constant_pad_nd(operands[0], pads) : operands[0];
    return at::avg_pool2d(x, pool.kernel, pool.stride, pool.padding, window.ceil_mode, window.count_include_pad);
  });
}

std::unique_ptr<Operation> make_batch_norm(const Node& node, Parameters parameters) {
  return function([p = std::move(parameters), epsilon = node.epsilon](Operands& operands) {
    return at::batch_norm(operands[0], p.weight, p.bias, p.mean, p.variance, false, 0.0, epsilon, false);
  });
}

std::unique_ptr<Operation> make_linear(Parameters parameters) {
  return function([p = std::move(parameters)](Operands& operands) { return at::linear(operands[0], p.weight, p.bias); });
}

/// CIFAR ResNet option A: every second pixel, zero channels in front and behind.
at::Tensor subsample_pad_channels(const at::Tensor& x, std::int64_t out_channels) {
  const std::int64_t extra = out_channels - x.size(1), front = extra / 2;
  const at::Tensor kept = x.slice(2, 0, std::nullopt, 2).slice(3, 0, std::nullopt, 2);
  return at::constant_pad_nd(kept, {0, 0, 0, 0, front, extra - front}).contiguous(at::MemoryFormat::ChannelsLast);
}

}  // namespace

std::unique_ptr<Operation> make_operation(const Node& node, const NodeFusion& fusion, Parameters parameters) {
  if (fusion.passes_on >= 0) return function(pass_on);
  switch (node.op) {
    case Op::conv: return make_convolution(node, fusion, std::move(parameters));
    case Op::linear: return make_linear(std::move(parameters));
    case Op::batch_norm: return make_batch_norm(node, std::move(parameters));
    case Op::relu:
    case Op::relu6: return function([op = node.op](Operands& operands) { return activate(operands, op); });
    case Op::add: return function(add);
    case Op::max_pool: return make_max_pool(node.window);
    case Op::avg_pool: return make_avg_pool(node);
    case Op::global_avg_pool:
      return function([](Operands& operands) { return at::adaptive_avg_pool2d(operands[0], {1, 1}); });
    case Op::flatten: return function([](Operands& operands) { return operands[0].flatten(1); });
    case Op::pad:
      return function([pads = aten_pads(node.window)](Operands& operands) {
        return at::constant_pad_nd(operands[0], pads);
      });
    case Op::subsample_pad_channels:
      return function([channels = node.out_channels](Operands& operands) {
        return subsample_pad_channels(operands[0], channels);
      });
    case Op::input:
    case Op::dropout: return function(pass_on);
  }
  throw InternalError("node " + node.name + " has an operator that no executor knows");
}

}  // namespace qeval
