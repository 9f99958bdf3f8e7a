#include <vector>

#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/elu.h>
#include <ATen/ops/leaky_relu.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/prelu.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/where.h>

#include "stages/infer/geometry.h"
#include "stages/infer/operation_families.h"

namespace qeval {
namespace {

std::unique_ptr<Operation> make_conv_transpose(const Window& window, const Parameters& parameters) {
  return make_function([p = parameters, geometry = TransposedGeometry(window)](Operands& operands) {
    return geometry.output(operands[0], p.weight, p.bias);
  });
}

/// Divides by a tensor: by a plain number a GPU would multiply with the inverse.
at::Tensor round_to_grid(const at::Tensor& x, const CodeGrid& grid) {
  const at::Tensor scale = at::scalar_tensor(grid.scale, x.options());
  const at::Tensor codes = x.div(scale).round_().add_(grid.zero_point).clamp_(grid.low, grid.high);
  return codes.sub_(grid.zero_point).mul_(scale);
}

/// ATen's takes one slope or one per channel only.
at::Tensor prelu_of_any_shape(const at::Tensor& x, const at::Tensor& slopes) {
  return slopes.dim() == 1 ? at::prelu(x, slopes) : at::where(x.lt(0), x.mul(slopes), x);
}

/// Where `condition`, whatever is not chosen: it may be infinite or NaN.
std::unique_ptr<Operation> make_where(const Node& node, const Parameters& parameters) {
  const at::Tensor condition = parameters.weight.ne(0);
  if (node.inputs.size() == 2)
    return make_function([condition](Operands& operands) { return at::where(condition, operands[0], operands[1]); });
  return make_function([condition, first = node.weight_first, constant = parameters.bias](Operands& operands) {
    return first ? at::where(condition, constant, operands[0]) : at::where(condition, operands[0], constant);
  });
}

struct ResponseNorm {
  std::int64_t size;
  float alpha, beta, epsilon;
};

/// As PyTorch computes it: an average pool over the channels.
at::Tensor local_response_norm(const at::Tensor& x, const ResponseNorm& norm) {
  const at::Tensor squares = x.square().reshape({x.size(0), 1, x.size(1), -1});
  const at::Tensor padded = at::constant_pad_nd(squares, {0, 0, (norm.size - 1) / 2, norm.size / 2});
  const at::Tensor means = at::avg_pool2d(padded, {norm.size, 1}, {1, 1}).reshape(x.sizes());
  return x.div(means.mul(norm.alpha).add_(norm.epsilon).pow_(norm.beta));
}

at::Tensor reduced(const at::Tensor& x, Op op, const std::vector<std::int64_t>& axes) {
  if (op == Op::reduce_mean) return x.mean(axes, true);
  return op == Op::reduce_sum ? x.sum(axes, true) : x.amax(axes, true);
}

at::Tensor reshape(const at::Tensor& x, const std::vector<std::int64_t>& shape) {
  std::vector<std::int64_t> whole{x.size(0)};
  whole.insert(whole.end(), shape.begin(), shape.end());
  return x.reshape(whole);
}

}  // namespace

std::unique_ptr<Operation> make_imported(const Node& node, const Parameters& parameters) {
  switch (node.op) {
    case Op::conv_transpose: return make_conv_transpose(node.window, parameters);
    case Op::leaky_relu:
      return make_function([slope = node.alpha](Operands& operands) { return at::leaky_relu(operands[0], slope); });
    case Op::prelu:
      return make_function(
          [slopes = parameters.weight](Operands& operands) { return prelu_of_any_shape(operands[0], slopes); });
    case Op::elu:
      return make_function([slope = node.alpha](Operands& operands) { return at::elu(operands[0], slope); });
    case Op::clip:
      return make_function(
          [low = node.alpha, high = node.beta](Operands& operands) { return at::clamp(operands[0], low, high); });
    case Op::softmax:
      return make_function([axis = node.axis](Operands& operands) { return at::softmax(operands[0], axis); });
    case Op::log_softmax:
      return make_function([axis = node.axis](Operands& operands) { return at::log_softmax(operands[0], axis); });
    case Op::reduce_mean:
    case Op::reduce_sum:
    case Op::reduce_max:
      return make_function([op = node.op, axes = std::vector<std::int64_t>(node.axes.begin(), node.axes.end())](
                               Operands& operands) { return reduced(operands[0], op, axes); });
    case Op::reshape:
      return make_function([shape = node.shape](Operands& operands) { return reshape(operands[0], shape); });
    case Op::where: return make_where(node, parameters);
    case Op::local_response_norm:
      return make_function([norm = ResponseNorm{node.window.kernel[0], node.alpha, node.beta, node.epsilon}](
                               Operands& operands) { return local_response_norm(operands[0], norm); });
    case Op::quantize_dequantize:
      return make_function([grid = node.grid](Operands& operands) { return round_to_grid(operands[0], grid); });
    default: return nullptr;
  }
}

}  // namespace qeval
