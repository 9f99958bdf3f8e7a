#include "stages/infer/activation.h"

#include <algorithm>
#include <iterator>

#include <ATen/ops/abs.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/erf.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/hardsigmoid.h>
#include <ATen/ops/hardswish.h>
#include <ATen/ops/log.h>
#include <ATen/ops/mish.h>
#include <ATen/ops/reciprocal.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/sigmoid.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/softplus.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/tanh.h>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

struct Activation {
  Op op;
  at::Tensor (*apply)(const at::Tensor& x);
  void (*apply_in_place)(at::Tensor& x);
};

/// An activation is one line here.
constexpr Activation activations[] = {
    {Op::relu, [](const at::Tensor& x) { return at::relu(x); }, [](at::Tensor& x) { at::relu_(x); }},
    {Op::relu6, [](const at::Tensor& x) { return at::clamp(x, 0, 6); }, [](at::Tensor& x) { at::clamp_(x, 0, 6); }},
    {Op::sigmoid, [](const at::Tensor& x) { return at::sigmoid(x); }, [](at::Tensor& x) { at::sigmoid_(x); }},
    {Op::hard_sigmoid, [](const at::Tensor& x) { return at::hardsigmoid(x); },
     [](at::Tensor& x) { at::hardsigmoid_(x); }},
    {Op::hard_swish, [](const at::Tensor& x) { return at::hardswish(x); }, [](at::Tensor& x) { at::hardswish_(x); }},
    {Op::silu, [](const at::Tensor& x) { return at::silu(x); }, [](at::Tensor& x) { at::silu_(x); }},
    {Op::gelu, [](const at::Tensor& x) { return at::gelu(x); }, [](at::Tensor& x) { at::gelu_(x); }},
    {Op::gelu_tanh, [](const at::Tensor& x) { return at::gelu(x, "tanh"); },
     [](at::Tensor& x) { at::gelu_(x, "tanh"); }},
    {Op::softplus, [](const at::Tensor& x) { return at::softplus(x); }, [](at::Tensor& x) { x = at::softplus(x); }},
    {Op::tanh, [](const at::Tensor& x) { return at::tanh(x); }, [](at::Tensor& x) { at::tanh_(x); }},
    {Op::sqrt, [](const at::Tensor& x) { return at::sqrt(x); }, [](at::Tensor& x) { at::sqrt_(x); }},
    {Op::erf, [](const at::Tensor& x) { return at::erf(x); }, [](at::Tensor& x) { at::erf_(x); }},
    {Op::exp, [](const at::Tensor& x) { return at::exp(x); }, [](at::Tensor& x) { at::exp_(x); }},
    {Op::log, [](const at::Tensor& x) { return at::log(x); }, [](at::Tensor& x) { at::log_(x); }},
    {Op::abs, [](const at::Tensor& x) { return at::abs(x); }, [](at::Tensor& x) { at::abs_(x); }},
    {Op::reciprocal, [](const at::Tensor& x) { return at::reciprocal(x); }, [](at::Tensor& x) { at::reciprocal_(x); }},
    {Op::mish, [](const at::Tensor& x) { return at::mish(x); }, [](at::Tensor& x) { at::mish_(x); }},
};

const Activation* find(Op op) {
  const auto found = std::find_if(std::begin(activations), std::end(activations),
                                  [op](const Activation& activation) { return activation.op == op; });
  return found == std::end(activations) ? nullptr : &*found;
}

}  // namespace

bool is_activation(Op op) { return find(op) != nullptr; }

at::Tensor activate_in_place(at::Tensor x, Op op) {
  if (const Activation* activation = find(op)) activation->apply_in_place(x);
  return x;
}

at::Tensor activate(const at::Tensor& x, Op op) {
  const Activation* activation = find(op);
  if (!activation) throw InternalError(std::string(op_name(op)) + " is not an activation");
  return activation->apply(x);
}

}  // namespace qeval
