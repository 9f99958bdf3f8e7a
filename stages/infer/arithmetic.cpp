#include <vector>

#include <ATen/ExpandUtils.h>
#include <ATen/ops/add.h>
#include <ATen/ops/div.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/sub.h>

#include "stages/infer/operation_families.h"

namespace qeval {
namespace {

bool has_shape(const at::Tensor& x, at::IntArrayRef shape) { return x.sizes() == shape; }

/// Into the memory of the first operand that is nobody else's and as large as the result.
template <typename InPlace, typename Apart>
at::Tensor combine(Operands& operands, InPlace in_place, Apart apart) {
  at::Tensor &a = operands[0], &b = operands[1];
  const std::vector<std::int64_t> shape = at::infer_size(a.sizes(), b.sizes());
  if (exclusive(a) && has_shape(a, shape)) return in_place(a, b);
  if (exclusive(b) && has_shape(b, shape)) return in_place(b, a);
  return apart(a, b);
}

at::Tensor add(Operands& operands) {
  return combine(
      operands, [](at::Tensor& sum, const at::Tensor& other) { return sum.add_(other); },
      [](const at::Tensor& a, const at::Tensor& b) { return a.add(b); });
}

at::Tensor mul(Operands& operands) {
  return combine(
      operands, [](at::Tensor& product, const at::Tensor& other) { return product.mul_(other); },
      [](const at::Tensor& a, const at::Tensor& b) { return a.mul(b); });
}

at::Tensor apply(Op op, const at::Tensor& a, const at::Tensor& b) {
  switch (op) {
    case Op::add: return at::add(a, b);
    case Op::sub: return at::sub(a, b);
    case Op::mul: return at::mul(a, b);
    case Op::div: return at::div(a, b);
    case Op::minimum: return at::minimum(a, b);
    case Op::maximum: return at::maximum(a, b);
    default: return at::pow(a, b);
  }
}

}  // namespace

std::unique_ptr<Operation> make_arithmetic(const Node& node, const Parameters& parameters) {
  if (node.op == Op::layer_scale)
    return make_function([factors = parameters.weight](Operands& operands) {
      at::Tensor& x = operands[0];
      return exclusive(x) ? x.mul_(factors) : x.mul(factors);
    });
  if (!is_arithmetic(node.op)) return nullptr;
  if (node.inputs.size() == 1)
    return make_function([op = node.op, first = node.weight_first, constant = parameters.weight](Operands& operands) {
      return first ? apply(op, constant, operands[0]) : apply(op, operands[0], constant);
    });
  if (node.op == Op::add) return make_function(add);
  if (node.op == Op::mul) return make_function(mul);
  return make_function([op = node.op](Operands& operands) { return apply(op, operands[0], operands[1]); });
}

}  // namespace qeval
