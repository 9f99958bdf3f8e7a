// Functions of single values, and softmax.
#include <cmath>
#include <limits>

#include "stages/model/onnx/onnx_operators.h"

namespace qeval {
namespace {

void finish_elementwise(OnnxImporter& importer, const OnnxNode& node, Op op) {
  const OnnxValue& x = node.activation(0);
  importer.finish(node, importer.make_node(node, op, {&x}));
}

template <Op op>
void elementwise(OnnxImporter& importer, const OnnxNode& node) {
  finish_elementwise(importer, node, op);
}

/// PyTorch's has a slope of 1/6; any other is taken apart into scaling and clipping.
void hard_sigmoid(OnnxImporter& importer, const OnnxNode& node) {
  const float slope = node.number("alpha", 0.2f), shift = node.number("beta", 0.5f);
  if (std::abs(slope - 1.0f / 6) < 1e-6f && shift == 0.5f) return finish_elementwise(importer, node, Op::hard_sigmoid);
  const OnnxValue& x = node.activation(0);
  const auto channels = static_cast<std::size_t>(x.channels());
  const OnnxValue scaled =
      append_affine(importer, node, x, std::vector<float>(channels, slope), std::vector<float>(channels, shift));
  Node made = importer.make_node(node, Op::clip, {&scaled});
  made.beta = 1;
  importer.finish(node, std::move(made));
}

void gelu(OnnxImporter& importer, const OnnxNode& node) {
  const std::string approximation = node.text("approximate", "none");
  node.require(approximation == "none" || approximation == "tanh", "its approximation is neither none nor tanh");
  finish_elementwise(importer, node, approximation == "none" ? Op::gelu : Op::gelu_tanh);
}

void elu(OnnxImporter& importer, const OnnxNode& node) {
  Node made = importer.make_node(node, Op::elu, {&node.activation(0)});
  made.alpha = node.number("alpha", 1);
  importer.finish(node, std::move(made));
}

bool is_limit(float number) { return std::abs(number) < std::numeric_limits<float>::max(); }

void clip(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  // Attributes before opset 11.
  const float low = node.scalar(1, node.number("min", std::numeric_limits<float>::lowest()));
  const float high = node.scalar(2, node.number("max", std::numeric_limits<float>::max()));
  node.require(low <= high, "its minimum is above its maximum");
  const bool from_zero = low == 0, open = high >= std::numeric_limits<float>::max();
  const Op op = from_zero && open ? Op::relu : from_zero && high == 6 ? Op::relu6 : Op::clip;
  Node made = importer.make_node(node, op, {&x});
  if (node.has_operand(1) && is_limit(low)) made.onnx_numbers.push_back({node.proto().input(1), low});
  if (node.has_operand(2) && is_limit(high)) made.onnx_numbers.push_back({node.proto().input(2), high});
  if (made.op == Op::clip) {
    made.alpha = low;
    made.beta = high;
  }
  importer.finish(node, std::move(made));
}

void leaky_relu(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  Node made = importer.make_node(node, Op::leaky_relu, {&x});
  made.alpha = node.number("alpha", 0.01f);
  importer.finish(node, std::move(made));
}

/// Of slopes for all values alike or for channels, a row is made.
void prelu(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  const Tensor slope = constant_operand(node, x, 1);
  node.require(broadcast_shape(x.shape, slope.shape()) == x.shape, "its slopes do not fit its input");
  const bool row = slope.numel() == 1 || (slope.shape()[0] == slope.numel() && slope.numel() == x.channels());
  Node made = importer.make_node(node, Op::prelu, {&x});
  made.weight = row ? Tensor({slope.numel()}, slope.data()) : slope;
  made.onnx_weight = node.proto().input(1);
  importer.finish(node, std::move(made));
}

/// Before opset 13, everything from `axis` on counted as one axis.
template <Op op>
void softmax(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  const int axis = node.axis(node.integer("axis", node.opset() >= 13 ? -1 : 1, -64, 64), x.shape.size() + 1);
  node.require(axis > 0, "it runs over the batch");
  const auto over = [&](const OnnxValue& value, int along) {
    Node made = importer.make_node(node, op, {&value});
    made.axis = along;
    return importer.append(node, std::move(made));
  };
  if (node.opset() >= 13 || axis == static_cast<int>(x.shape.size())) return importer.bind(node, over(x, axis));
  const OnnxValue joined = append_joined_axes(importer, node, x, axis);
  importer.bind(node, append_reshape(importer, node, over(joined, axis), x.shape));
}

}  // namespace

OnnxOperators onnx_activation_operators() {
  return {{"Relu", elementwise<Op::relu>},
          {"Sigmoid", elementwise<Op::sigmoid>},
          {"HardSigmoid", hard_sigmoid},
          {"HardSwish", elementwise<Op::hard_swish>},
          {"Gelu", gelu},
          {"Elu", elu},
          {"Tanh", elementwise<Op::tanh>},
          {"Sqrt", elementwise<Op::sqrt>},
          {"Erf", elementwise<Op::erf>},
          {"Exp", elementwise<Op::exp>},
          {"Log", elementwise<Op::log>},
          {"Abs", elementwise<Op::abs>},
          {"Reciprocal", elementwise<Op::reciprocal>},
          {"Softplus", elementwise<Op::softplus>},
          {"Mish", elementwise<Op::mish>},
          {"Clip", clip},
          {"LeakyRelu", leaky_relu},
          {"PRelu", prelu},
          {"Softmax", softmax<Op::softmax>},
          {"LogSoftmax", softmax<Op::log_softmax>}};
}

}  // namespace qeval
