#include <ATen/ops/batch_norm.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>

#include "stages/infer/operation_families.h"

namespace qeval {
namespace {

/// Over one axis: it is moved last, where ATen normalizes, and back.
at::Tensor layer_norm(const at::Tensor& x, int axis, const Parameters& p, double epsilon) {
  const at::Tensor moved = x.movedim(axis, -1);
  return at::layer_norm(moved, {moved.size(-1)}, p.weight, p.bias, epsilon).movedim(-1, axis);
}

}  // namespace

std::unique_ptr<Operation> make_layer(const Node& node, const Parameters& parameters) {
  switch (node.op) {
    case Op::linear:
      return make_function([p = parameters](Operands& operands) { return at::linear(operands[0], p.weight, p.bias); });
    case Op::batch_norm:
      return make_function([p = parameters, epsilon = node.epsilon](Operands& operands) {
        return at::batch_norm(operands[0], p.weight, p.bias, p.mean, p.variance, false, 0.0, epsilon, false);
      });
    case Op::layer_norm:
      return make_function([p = parameters, axis = node.axis, epsilon = node.epsilon](Operands& operands) {
        return layer_norm(operands[0], axis, p, epsilon);
      });
    default: return nullptr;
  }
}

}  // namespace qeval
