// Sums and products of two activations, or of one and constants per channel.
#include <optional>

#include "stages/model/onnx/onnx_operators.h"

namespace qeval {
namespace {

/// y = x · scale + shift, per channel; empty: 1, 0.
struct Affine {
  std::vector<float> scale, shift;
};

/// One value per channel of `x` from a constant that is a scalar or varies along the channel axis only.
std::vector<float> per_channel(const OnnxNode& node, const OnnxValue& x, std::size_t input) {
  const Tensor& c = node.float_tensor(input);
  const std::size_t rank = x.shape.size() + 1;
  node.require(c.shape().size() <= rank, "its constant has more axes than its other input");
  if (c.numel() == 1) return std::vector<float>(static_cast<std::size_t>(x.channels()), c.values()[0]);
  node.require(c.numel() == x.channels(), "its constant is not one value per channel");
  for (std::size_t i = 0; i < c.shape().size(); ++i) {
    const std::size_t axis = i + rank - c.shape().size();
    node.require(c.shape()[i] == 1 || axis == 1, "its constant is not one value per channel");
  }
  return {c.values().begin(), c.values().end()};
}

void finish_affine(OnnxImporter& importer, const OnnxNode& node, const OnnxValue& x, Affine affine) {
  const auto channels = static_cast<std::size_t>(x.channels());
  if (affine.scale.empty()) affine.scale.assign(channels, 1.0f);
  if (affine.shift.empty()) affine.shift.assign(channels, 0.0f);
  importer.bind(node, append_affine(importer, node, x, std::move(affine.scale), std::move(affine.shift)));
}

/// The number of the input that is an activation where the other one is a constant.
std::optional<std::size_t> single_activation(const OnnxNode& node) {
  node.require(node.has_operand(0) && node.has_operand(1), "it needs two inputs");
  if (node.is_constant(0) == node.is_constant(1)) {
    node.require(!node.is_constant(0), "it computes with two constants; export the model with constant folding");
    return std::nullopt;
  }
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

/// The same shape, or 1 where `small` is repeated.
bool fits_into(const std::vector<std::int64_t>& small, const std::vector<std::int64_t>& large) {
  if (small.size() != large.size()) return false;
  for (std::size_t i = 0; i < small.size(); ++i)
    if (small[i] != large[i] && small[i] != 1) return false;
  return true;
}

void add(OnnxImporter& importer, const OnnxNode& node) {
  if (const auto x = single_activation(node)) {
    if (join_bias(importer, node, *x)) return;
    const OnnxValue& value = node.activation(*x);
    return finish_affine(importer, node, value, {{}, per_channel(node, value, 1 - *x)});
  }
  const OnnxValue &a = node.activation(0), &b = node.activation(1);
  node.require(a.shape == b.shape, "its inputs have different shapes");
  importer.finish(node, importer.make_node(node, Op::add, {&a, &b}), a.shape);
}

void sub(OnnxImporter& importer, const OnnxNode& node) {
  const auto x = single_activation(node);
  node.require(x.has_value(), "the difference of two activations is not supported");
  const OnnxValue& value = node.activation(*x);
  Affine affine{{}, per_channel(node, value, 1 - *x)};
  if (*x == 0)
    for (float& shift : affine.shift) shift = -shift;
  else
    affine.scale.assign(affine.shift.size(), -1.0f);
  finish_affine(importer, node, value, std::move(affine));
}

void div(OnnxImporter& importer, const OnnxNode& node) {
  const auto x = single_activation(node);
  node.require(x == std::size_t{0}, "only division by a constant is supported");
  const OnnxValue& value = node.activation(0);
  std::vector<float> scale = per_channel(node, value, 1);
  for (float& factor : scale) {
    node.require(factor != 0, "it divides by zero");
    factor = 1.0f / factor;
  }
  finish_affine(importer, node, value, {std::move(scale), {}});
}

/// x · f(x), f computed for this product alone: the node that computes f becomes one that computes both.
bool join_gate(OnnxImporter& importer, const OnnxNode& node, std::size_t gate) {
  Node& producer = importer.producer(node.activation(gate));
  const bool known = producer.op == Op::sigmoid || producer.op == Op::hard_sigmoid;
  if (!known || producer.inputs[0] != node.activation(1 - gate).node || !importer.used_once(node, gate)) return false;
  producer.op = producer.op == Op::sigmoid ? Op::silu : Op::hard_swish;
  importer.bind(node, node.activation(gate));
  return true;
}

/// Of equal shapes, or with one factor per channel.
void mul(OnnxImporter& importer, const OnnxNode& node) {
  if (const auto x = single_activation(node)) {
    const OnnxValue& value = node.activation(*x);
    return finish_affine(importer, node, value, {per_channel(node, value, 1 - *x), {}});
  }
  const OnnxValue &a = node.activation(0), &b = node.activation(1);
  if (join_gate(importer, node, 0) || join_gate(importer, node, 1)) return;
  const bool a_fits = fits_into(a.shape, b.shape);
  node.require(a_fits || fits_into(b.shape, a.shape), "its inputs have shapes that do not fit each other");
  importer.finish(node, importer.make_node(node, Op::mul, {&a, &b}), a_fits ? b.shape : a.shape);
}

}  // namespace

OnnxOperators onnx_arithmetic_operators() { return {{"Add", add}, {"Sub", sub}, {"Mul", mul}, {"Div", div}}; }

}  // namespace qeval
