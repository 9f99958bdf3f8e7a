#include <vector>

#include <ATen/ExpandUtils.h>
#include <ATen/ops/add.h>
#include <ATen/ops/mul.h>

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

}  // namespace

std::unique_ptr<Operation> make_arithmetic(const Node& node, const Parameters& parameters) {
  switch (node.op) {
    case Op::add: return make_function(add);
    case Op::mul: return make_function(mul);
    case Op::layer_scale:
      return make_function([factors = parameters.weight](Operands& operands) {
        at::Tensor& x = operands[0];
        return exclusive(x) ? x.mul_(factors) : x.mul(factors);
      });
    default: return nullptr;
  }
}

}  // namespace qeval
