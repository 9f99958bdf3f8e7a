// Matrix products with constant weights, and batch norms.
#include "stages/model/onnx/onnx_operators.h"

namespace qeval {
namespace {

Tensor scaled(const Tensor& tensor, float factor) {
  if (factor == 1.0f) return tensor;
  std::vector<float> values(tensor.values().begin(), tensor.values().end());
  for (float& value : values) value *= factor;
  return Tensor(tensor.shape(), std::move(values));
}

/// Gemm's C as one value per output: a scalar, [N] or [1, N].
Tensor row_bias(const OnnxNode& node, const Tensor& c, std::int64_t outputs) {
  node.require(c.numel() == outputs || c.numel() == 1, "its C is not one value per output");
  for (std::size_t axis = 0; axis + 1 < c.shape().size(); ++axis)
    node.require(c.shape()[axis] == 1, "its C is not one value per output");
  if (c.numel() == outputs) return Tensor({outputs}, std::vector<float>(c.values().begin(), c.values().end()));
  return Tensor({outputs}, std::vector<float>(static_cast<std::size_t>(outputs), c.values()[0]));
}

void gemm(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  node.require(x.shape.size() == 1, "its input is not one row per image");
  node.require(node.integer("transA", 0, 0, 1) == 0, "transA is not supported");
  const Tensor& b = node.float_tensor(1, 2);
  Node made = importer.make_node(node, Op::linear, {&x});
  made.weight = scaled(node.integer("transB", 0, 0, 1) == 1 ? b : transposed_matrix(b), node.number("alpha", 1.0f));
  node.require(made.weight.size(1) == x.shape[0], "the columns of its input do not fit its weight");
  made.onnx_weight = node.proto().input(1);
  const std::int64_t outputs = made.weight.size(0);
  if (node.has_operand(2)) {
    made.bias = scaled(row_bias(node, node.float_tensor(2), outputs), node.number("beta", 1.0f));
    made.onnx_bias = node.proto().input(2);
  }
  importer.finish(node, std::move(made), {outputs});
}

/// The product of the last axis with a constant matrix.
void mat_mul(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  node.require(node.is_constant(1), "both factors are computed from the image; one must be a constant matrix");
  Node made = importer.make_node(node, Op::linear, {&x});
  made.weight = transposed_matrix(node.float_tensor(1, 2));
  made.onnx_weight = node.proto().input(1);
  node.require(!x.shape.empty() && made.weight.size(1) == x.shape.back(),
               "the last axis of its input does not fit its weight");
  std::vector<std::int64_t> shape = x.shape;
  shape.back() = made.weight.size(0);
  importer.finish(node, std::move(made), shape);
}

void batch_normalization(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  node.require(node.integer("training_mode", 0, 0, 1) == 0,
               "it is in training mode; export the model for evaluation, model.eval()");
  // Before opset 14 nothing but the outputs told it.
  for (int i = 1; i < node.proto().output_size(); ++i)
    node.require(node.proto().output(i).empty(), "it has the outputs of training; export the model for evaluation, "
                                                 "model.eval()");
  node.require(node.integer("spatial", 1, 0, 1) == 1, "it has statistics of every pixel (spatial: 0), which is not "
                                                      "supported");
  node.require(x.shape.size() == 3 || x.shape.size() == 1, "its input is neither [N, C, H, W] nor [N, C]");
  Node made = importer.make_node(node, Op::batch_norm, {&x});
  made.epsilon = node.number("epsilon", 1e-5f);
  made.weight = node.float_tensor(1, 1);
  made.bias = node.float_tensor(2, 1);
  made.mean = node.float_tensor(3, 1);
  made.variance = node.float_tensor(4, 1);
  for (const Tensor* tensor : {&made.weight, &made.bias, &made.mean, &made.variance})
    node.require(tensor->size(0) == x.shape[0], "its statistics do not have one value per channel");
  for (const float variance : made.variance.values())
    node.require(variance >= 0 && variance + made.epsilon > 0, "its variance is negative, or zero without an epsilon");
  importer.finish(node, std::move(made), x.shape);
}

/// Over the last axis.
void layer_normalization(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  const int rank = static_cast<int>(x.shape.size()) + 1;
  node.require(rank > 1 && node.axis(node.integer("axis", -1, -64, 64), x.shape.size() + 1) == rank - 1,
               "only the last axis can be normalized");
  Node made = importer.make_node(node, Op::layer_norm, {&x});
  made.axis = rank - 1;
  made.epsilon = node.number("epsilon", 1e-5f);
  made.weight = node.float_tensor(1, 1);
  if (node.has_operand(2)) made.bias = node.float_tensor(2, 1);
  node.require(made.weight.size(0) == x.shape.back() && (!made.bias.defined() || made.bias.size(0) == x.shape.back()),
               "its scale does not fit the axis");
  importer.finish(node, std::move(made), x.shape);
}

}  // namespace

OnnxOperators onnx_dense_operators() {
  return {{"Gemm", gemm},
          {"MatMul", mat_mul},
          {"BatchNormalization", batch_normalization},
          {"LayerNormalization", layer_normalization}};
}

}  // namespace qeval
