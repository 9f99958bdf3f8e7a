// Functions of single values, and softmax.
#include <cmath>
#include <limits>

#include "stages/model/onnx/onnx_operators.h"

namespace qeval {
namespace {

void finish_elementwise(OnnxImporter& importer, const OnnxNode& node, Op op) {
  const OnnxValue& x = node.activation(0);
  importer.finish(node, importer.make_node(node, op, {&x}), x.shape);
}

void relu(OnnxImporter& importer, const OnnxNode& node) { finish_elementwise(importer, node, Op::relu); }

void sigmoid(OnnxImporter& importer, const OnnxNode& node) { finish_elementwise(importer, node, Op::sigmoid); }
void hard_swish(OnnxImporter& importer, const OnnxNode& node) { finish_elementwise(importer, node, Op::hard_swish); }

/// PyTorch's has a slope of 1/6; any other is taken apart into scaling and clipping.
void hard_sigmoid(OnnxImporter& importer, const OnnxNode& node) {
  const float slope = node.number("alpha", 0.2f), shift = node.number("beta", 0.5f);
  if (std::abs(slope - 1.0f / 6) < 1e-6f && shift == 0.5f) return finish_elementwise(importer, node, Op::hard_sigmoid);
  const OnnxValue& x = node.activation(0);
  const auto channels = static_cast<std::size_t>(x.channels());
  const OnnxValue scaled = append_affine(importer, node, x, std::vector<float>(channels, slope),
                                         std::vector<float>(channels, shift));
  Node made = importer.make_node(node, Op::clip, {&scaled});
  made.beta = 1;
  importer.finish(node, std::move(made), x.shape);
}

void gelu(OnnxImporter& importer, const OnnxNode& node) {
  node.require(node.text("approximate", "none") == "none", "its approximation by tanh is not supported");
  finish_elementwise(importer, node, Op::gelu);
}

void clip(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  // Attributes before opset 11.
  const float low = node.scalar(1, node.number("min", std::numeric_limits<float>::lowest()));
  const float high = node.scalar(2, node.number("max", std::numeric_limits<float>::max()));
  node.require(low <= high, "its minimum is above its maximum");
  const bool from_zero = low == 0, open = high >= std::numeric_limits<float>::max();
  const Op op = from_zero && open ? Op::relu : from_zero && high == 6 ? Op::relu6 : Op::clip;
  Node made = importer.make_node(node, op, {&x});
  if (made.op == Op::clip) {
    made.alpha = low;
    made.beta = high;
  }
  importer.finish(node, std::move(made), x.shape);
}

void leaky_relu(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  Node made = importer.make_node(node, Op::leaky_relu, {&x});
  made.alpha = node.number("alpha", 0.01f);
  importer.finish(node, std::move(made), x.shape);
}

/// One slope, or one per channel: [C, 1, 1].
void prelu(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  const Tensor& slope = node.float_tensor(1);
  const bool per_channel = !x.shape.empty() && slope.shape().size() == x.shape.size() &&
                           slope.shape()[0] == x.channels() && slope.numel() == x.channels();
  node.require(slope.numel() == 1 || per_channel, "its slope is neither one number nor one per channel");
  Node made = importer.make_node(node, Op::prelu, {&x});
  made.weight = Tensor({slope.numel()}, slope.data());
  importer.finish(node, std::move(made), x.shape);
}

/// Before opset 13, everything from `axis` on counted as one axis.
void finish_softmax(OnnxImporter& importer, const OnnxNode& node, Op op) {
  const OnnxValue& x = node.activation(0);
  const int axis = node.axis(node.integer("axis", node.opset() >= 13 ? -1 : 1, -64, 64), x.shape.size() + 1);
  node.require(axis > 0, "it runs over the batch");
  node.require(node.opset() >= 13 || axis == static_cast<int>(x.shape.size()), "it runs over several axes at once");
  Node made = importer.make_node(node, op, {&x});
  made.axis = axis;
  importer.finish(node, std::move(made), x.shape);
}

void softmax(OnnxImporter& importer, const OnnxNode& node) { finish_softmax(importer, node, Op::softmax); }
void log_softmax(OnnxImporter& importer, const OnnxNode& node) { finish_softmax(importer, node, Op::log_softmax); }

}  // namespace

OnnxOperators onnx_activation_operators() {
  return {{"Relu", relu},
          {"Sigmoid", sigmoid},
          {"HardSigmoid", hard_sigmoid},
          {"HardSwish", hard_swish},
          {"Gelu", gelu},
          {"Clip", clip},
          {"LeakyRelu", leaky_relu},
          {"PRelu", prelu},
          {"Softmax", softmax},
          {"LogSoftmax", log_softmax}};
}

}  // namespace qeval
