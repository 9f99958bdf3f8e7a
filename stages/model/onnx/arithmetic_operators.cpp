// Arithmetic of activations, or of one and a constant.
#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "stages/model/onnx/onnx_operators.h"

namespace qeval {
namespace {

/// y = x · scale + shift, per channel; empty: 1, 0. The names in the file of what stands here as it does there.
struct Affine {
  std::vector<float> scale, shift;
  std::string scale_name, shift_name;
};

/// One value per channel of `x`, if the constant is a scalar or varies along the channel axis only.
std::optional<std::vector<float>> per_channel(const OnnxNode& node, const OnnxValue& x, std::size_t input) {
  const Tensor c = constant_operand(node, x, input);
  if (c.numel() == 1) return std::vector<float>(static_cast<std::size_t>(x.channels()), c.values()[0]);
  if (c.numel() != x.channels() || c.shape()[0] != c.numel()) return std::nullopt;
  return std::vector<float>{c.values().begin(), c.values().end()};
}

const std::string& operand_name(const OnnxNode& node, std::size_t input) {
  return node.proto().input(static_cast<int>(input));
}

/// With a constant that varies along other axes, or over which the input is repeated.
void finish_with_constant(OnnxImporter& importer, const OnnxNode& node, Op op, std::size_t x_input) {
  const OnnxValue& x = node.activation(x_input);
  Node made = importer.make_node(node, op, {&x});
  made.weight = constant_operand(node, x, 1 - x_input);
  made.weight_first = x_input == 1;
  made.onnx_weight = operand_name(node, 1 - x_input);
  node.require(broadcast_shape(x.shape, made.weight.shape()).has_value(), "its constant does not fit its other input");
  importer.finish(node, std::move(made));
}

void finish_pair(OnnxImporter& importer, const OnnxNode& node, Op op) {
  const OnnxValue &a = node.activation(0), &b = node.activation(1);
  node.require(a.shape.size() == b.shape.size(), "its inputs have different ranks: the batch meets another axis");
  node.require(broadcast_shape(a.shape, b.shape).has_value(), "its inputs have shapes that do not fit each other");
  importer.finish(node, importer.make_node(node, op, {&a, &b}));
}

void finish_affine(OnnxImporter& importer, const OnnxNode& node, const OnnxValue& x, Affine affine,
                   std::optional<NumberOperand> number = std::nullopt) {
  const auto channels = static_cast<std::size_t>(x.channels());
  if (affine.scale.empty()) affine.scale.assign(channels, 1.0f);
  if (affine.shift.empty()) affine.shift.assign(channels, 0.0f);
  const OnnxValue value = append_affine(importer, node, x, std::move(affine.scale), std::move(affine.shift));
  if (Node& made = importer.producer(value); made.from_constants) {
    made.onnx_weight = std::move(affine.scale_name);
    made.onnx_bias = std::move(affine.shift_name);
    if (number) made.onnx_numbers.push_back(*std::move(number));
  }
  importer.bind(node, value);
}

/// The constant, if it is one number, however often.
std::optional<NumberOperand> number_operand(const OnnxNode& node, std::size_t input) {
  const auto values = node.float_tensor(input).values();
  const auto is_another = [&](float value) { return value != values[0]; };
  if (!std::isfinite(values[0]) || std::any_of(values.begin(), values.end(), is_another)) return std::nullopt;
  return NumberOperand{operand_name(node, input), values[0]};
}

/// The number of the input that is an activation where the other one is a constant.
std::optional<std::size_t> single_activation(const OnnxNode& node) {
  node.require(node.has_operand(0) && node.has_operand(1), "it needs two inputs");
  if (!node.is_constant(0) && !node.is_constant(1)) return std::nullopt;
  return node.is_constant(0) ? 1 : 0;
}

/// MatMul leaves its bias to an Add.
bool join_bias(OnnxImporter& importer, const OnnxNode& node, std::size_t x_input) {
  const OnnxValue& x = node.activation(x_input);
  Node& producer = importer.producer(x);
  const Tensor& c = node.float_tensor(1 - x_input);
  if (producer.op != Op::linear || producer.bias.defined() || !importer.used_once(node, x_input)) return false;
  if (c.shape().size() > x.shape.size() + 1) return false;
  if (c.shape().empty() || c.shape().back() != producer.weight.size(0) || c.numel() != c.shape().back()) return false;
  producer.bias = Tensor({c.numel()}, c.data());
  producer.onnx_bias = node.proto().input(static_cast<int>(1 - x_input));
  importer.bind(node, x);
  return true;
}

void add(OnnxImporter& importer, const OnnxNode& node) {
  const auto x = single_activation(node);
  if (!x) return finish_pair(importer, node, Op::add);
  if (join_bias(importer, node, *x)) return;
  const OnnxValue& value = node.activation(*x);
  const auto shift = per_channel(node, value, 1 - *x);
  if (!shift) return finish_with_constant(importer, node, Op::add, *x);
  finish_affine(importer, node, value, {{}, *shift, {}, operand_name(node, 1 - *x)});
}

void sub(OnnxImporter& importer, const OnnxNode& node) {
  const auto x = single_activation(node);
  if (!x) return finish_pair(importer, node, Op::sub);
  const OnnxValue& value = node.activation(*x);
  const auto constant = per_channel(node, value, 1 - *x);
  if (!constant) return finish_with_constant(importer, node, Op::sub, *x);
  Affine affine{{}, *constant, {}, {}};
  if (*x == 0)
    for (float& shift : affine.shift) shift = -shift;
  else
    affine.scale.assign(affine.shift.size(), -1.0f);
  finish_affine(importer, node, value, std::move(affine), number_operand(node, 1 - *x));
}

void neg(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  finish_affine(importer, node, x, {std::vector<float>(static_cast<std::size_t>(x.channels()), -1.0f), {}, {}, {}});
}

void div(OnnxImporter& importer, const OnnxNode& node) {
  const auto x = single_activation(node);
  if (!x) return finish_pair(importer, node, Op::div);
  if (*x == 1) return finish_with_constant(importer, node, Op::div, 1);
  for (const float divisor : node.float_tensor(1).values()) node.require(divisor != 0, "it divides by zero");
  const OnnxValue& value = node.activation(0);
  auto scale = per_channel(node, value, 1);
  if (!scale) return finish_with_constant(importer, node, Op::div, 0);
  for (float& factor : *scale) factor = 1.0f / factor;
  finish_affine(importer, node, value, {std::move(*scale), {}, {}, {}}, number_operand(node, 1));
}

void pow(OnnxImporter& importer, const OnnxNode& node) {
  const auto x = single_activation(node);
  if (!x) return finish_pair(importer, node, Op::pow);
  finish_with_constant(importer, node, Op::pow, *x);
}

void mul(OnnxImporter& importer, const OnnxNode& node) {
  const auto x = single_activation(node);
  if (!x) return finish_pair(importer, node, Op::mul);
  const OnnxValue& value = node.activation(*x);
  const auto scale = per_channel(node, value, 1 - *x);
  if (!scale) return finish_with_constant(importer, node, Op::mul, *x);
  finish_affine(importer, node, value, {*scale, {}, operand_name(node, 1 - *x), {}});
}

/// The constant condition as numbers, one per value of the result.
Tensor condition_of(const OnnxNode& node, const OnnxValue& x) {
  const OnnxConstant& condition = node.constant(0);
  node.require(!condition.is_float(), "its condition is not one of truth values");
  std::vector<float> values;
  for (const std::int64_t value : condition.integers.list()) values.push_back(value != 0 ? 1.0f : 0.0f);
  return without_batch(node, x, Tensor(condition.shape, std::move(values)));
}

void where(OnnxImporter& importer, const OnnxNode& node) {
  const std::size_t x_input = node.is_constant(1) ? 2 : 1;
  const OnnxValue& x = node.activation(x_input);
  std::vector<const OnnxValue*> inputs{&x};
  Tensor constant;
  if (node.is_constant(3 - x_input))
    constant = constant_operand(node, x, 3 - x_input);
  else
    inputs.push_back(&node.activation(2));
  const Shape other = constant.defined() ? constant.shape() : inputs[1]->shape;
  const Tensor condition = condition_of(node, x);
  const auto both = broadcast_shape(x.shape, other);
  node.require(both && broadcast_shape(*both, condition.shape()), "its inputs have shapes that do not fit each other");
  Node made = importer.make_node(node, Op::where, inputs);
  made.weight = condition;
  made.bias = constant;
  made.weight_first = constant.defined() && x_input == 2;
  if (constant.defined()) made.onnx_bias = operand_name(node, 3 - x_input);
  importer.finish(node, std::move(made));
}

/// Of any number of operands: the first with the second, that with the third and so on.
template <Op op>
void fold(OnnxImporter& importer, const OnnxNode& node) {
  node.require(node.operand_count() > 0, "it has no inputs");
  std::size_t first = 0;
  while (node.is_constant(first)) ++first;
  OnnxValue value = node.activation(first);
  if (node.operand_count() == 1) return importer.bind_alias(node);
  for (std::size_t i = 0; i < node.operand_count(); ++i) {
    if (i == first) continue;
    std::vector<const OnnxValue*> inputs{&value};
    Tensor constant;
    if (node.is_constant(i))
      constant = constant_operand(node, value, i);
    else
      inputs.push_back(&node.activation(i));
    node.require(broadcast_shape(value.shape, constant.defined() ? constant.shape() : inputs[1]->shape).has_value(),
                 "its inputs have shapes that do not fit each other");
    Node made = importer.make_node(node, op, inputs);
    made.weight = constant;
    if (constant.defined()) made.onnx_weight = operand_name(node, i);
    value = importer.append(node, std::move(made));
  }
  importer.bind(node, std::move(value));
}

}  // namespace

OnnxOperators onnx_arithmetic_operators() {
  return {{"Add", add},
          {"Sub", sub},
          {"Mul", mul},
          {"Div", div},
          {"Neg", neg},
          {"Pow", pow},
          {"Where", where},
          {"Sum", fold<Op::add>},
          {"Min", fold<Op::minimum>},
          {"Max", fold<Op::maximum>}};
}

}  // namespace qeval
