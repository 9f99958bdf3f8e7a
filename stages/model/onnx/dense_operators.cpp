// Matrix products with constant weights, and batch norms.
#include <algorithm>

#include "stages/model/onnx/constant_folding.h"
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
  made.onnx_transposed = node.integer("transB", 0, 0, 1) == 0;
  made.weight = scaled(made.onnx_transposed ? transposed_matrix(b) : b, node.number("alpha", 1.0f));
  node.require(made.weight.size(1) == x.shape[0], "the columns of its input do not fit its weight");
  made.onnx_weight = node.proto().input(1);
  const std::int64_t outputs = made.weight.size(0);
  if (node.has_operand(2)) {
    made.bias = scaled(row_bias(node, node.float_tensor(2), outputs), node.number("beta", 1.0f));
    made.onnx_bias = node.proto().input(2);
  }
  importer.finish(node, std::move(made));
}

/// The product of the last axis with a constant matrix.
void mat_mul(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  node.require(node.is_constant(1), "both factors are computed from the image; one must be a constant matrix");
  Node made = importer.make_node(node, Op::linear, {&x});
  made.weight = transposed_matrix(node.float_tensor(1, 2));
  made.onnx_transposed = true;
  made.onnx_weight = node.proto().input(1);
  node.require(!x.shape.empty() && made.weight.size(1) == x.shape.back(),
               "the last axis of its input does not fit its weight");
  importer.finish(node, std::move(made));
}

void batch_normalization(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  node.require(node.integer("training_mode", 0, 0, 1) == 0,
               "it is in training mode; export the model for evaluation, model.eval()");
  // Before opset 14 nothing but the outputs told it.
  for (int i = 1; i < node.proto().output_size(); ++i)
    node.require(node.proto().output(i).empty(),
                 "it has the outputs of training; export the model for evaluation, "
                 "model.eval()");
  node.require(node.integer("spatial", 1, 0, 1) == 1,
               "it has statistics of every pixel (spatial: 0), which is not "
               "supported");
  node.require(!x.shape.empty(), "its input has no channels");
  Node made = importer.make_node(node, Op::batch_norm, {&x});
  made.epsilon = node.number("epsilon", 1e-5f);
  made.weight = node.float_tensor(1, 1);
  made.onnx_weight = node.proto().input(1);
  made.bias = node.float_tensor(2, 1);
  made.onnx_bias = node.proto().input(2);
  made.mean = node.float_tensor(3, 1);
  made.variance = node.float_tensor(4, 1);
  for (const Tensor* tensor : {&made.weight, &made.bias, &made.mean, &made.variance})
    node.require(tensor->size(0) == x.shape[0], "its statistics do not have one value per channel");
  for (const float variance : made.variance.values())
    node.require(variance >= 0 && variance + made.epsilon > 0, "its variance is negative, or zero without an epsilon");
  importer.finish(node, std::move(made));
}

/// Of input `i` one value for each of the last axes' values, in a row; sides of length 1 are repeated.
Tensor row_over(const OnnxNode& node, std::size_t i, const Shape& last_axes) {
  const Tensor& given = node.float_tensor(i);
  const std::size_t missing = last_axes.size() - std::min(last_axes.size(), given.shape().size());
  Shape shape(missing, 1);
  shape.insert(shape.end(), given.shape().begin(), given.shape().end());
  node.require(broadcast_shape(shape, last_axes) == last_axes, "its scale does not fit the axes");
  const std::int64_t count = element_count(node, last_axes);
  const RepeatedPlace place(shape, last_axes);
  std::vector<float> row(static_cast<std::size_t>(count));
  for (std::size_t to = 0; to < row.size(); ++to) row[to] = given.values()[place(to)];
  return Tensor({count}, std::move(row));
}

/// Over all axes from `axis` on, which are made one for it.
void layer_normalization(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  const int axis = node.axis(node.integer("axis", -1, -64, 64), x.shape.size() + 1);
  node.require(axis > 0, "it normalizes over the batch");
  const bool last = axis == static_cast<int>(x.shape.size());
  const OnnxValue joined = last ? x : append_joined_axes(importer, node, x, axis);
  const Shape axes(x.shape.begin() + axis - 1, x.shape.end());
  Node made = importer.make_node(node, Op::layer_norm, {&joined});
  made.axis = axis;
  made.epsilon = node.number("epsilon", 1e-5f);
  made.weight = row_over(node, 1, axes);
  made.onnx_weight = node.proto().input(1);
  if (node.has_operand(2)) {
    made.bias = row_over(node, 2, axes);
    made.onnx_bias = node.proto().input(2);
  }
  const OnnxValue normed = importer.append(node, std::move(made));
  importer.bind(node, last ? normed : append_reshape(importer, node, normed, x.shape));
}

/// The values of every group of channels, made one axis, with mean 0 and variance 1.
OnnxValue append_normalized_groups(OnnxImporter& importer, const OnnxNode& node, const OnnxValue& x,
                                   std::int64_t groups) {
  const std::int64_t values = element_count(node, x.shape);
  const OnnxValue rows = append_reshape(importer, node, x, {groups, values / groups});
  Node made = importer.make_node(node, Op::layer_norm, {&rows});
  made.axis = 2;
  made.epsilon = node.number("epsilon", 1e-5f);
  made.weight = Tensor({values / groups}, std::vector<float>(static_cast<std::size_t>(values / groups), 1.0f));
  return append_reshape(importer, node, importer.append(node, std::move(made)), x.shape);
}

/// `count` values, one for every channel or every group of them.
std::vector<float> repeated_row(const OnnxNode& node, std::size_t i, std::int64_t channels) {
  const auto given = node.float_tensor(i, 1).values();
  const auto count = static_cast<std::int64_t>(given.size());
  node.require(count > 0 && channels % count == 0, "its scale and bias do not fit its channels");
  std::vector<float> row;
  for (std::int64_t channel = 0; channel < channels; ++channel)
    row.push_back(given[static_cast<std::size_t>(channel * count / channels)]);
  return row;
}

/// Until opset 20 a scale per group, then one per channel.
void group_normalization(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  node.require(!x.shape.empty(), "its input has no channels");
  const std::int64_t groups = node.integer("num_groups", 0, 1, x.shape[0]);
  node.require(x.shape[0] % groups == 0, "its groups do not divide the channels");
  const OnnxValue normalized = append_normalized_groups(importer, node, x, groups);
  importer.bind(node, append_affine(importer, node, normalized, repeated_row(node, 1, x.shape[0]),
                                    repeated_row(node, 2, x.shape[0])));
}

void instance_normalization(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  node.require(x.shape.size() >= 2, "its input has no channels of several values");
  node.require(node.float_tensor(1, 1).size(0) == x.shape[0] && node.float_tensor(2, 1).size(0) == x.shape[0],
               "its scale and bias do not fit its channels");
  const OnnxValue normalized = append_normalized_groups(importer, node, x, x.shape[0]);
  importer.bind(node, append_affine(importer, node, normalized, repeated_row(node, 1, x.shape[0]),
                                    repeated_row(node, 2, x.shape[0])));
}

void local_response_normalization(OnnxImporter& importer, const OnnxNode& node) {
  const OnnxValue& x = node.activation(0);
  node.require(!x.shape.empty(), "its input has no channels");
  Node made = importer.make_node(node, Op::local_response_norm, {&x});
  made.window.kernel[0] = static_cast<int>(node.integer("size", 0, 1, 1 << 16));
  made.alpha = node.number("alpha", 1e-4f);
  made.beta = node.number("beta", 0.75f);
  made.epsilon = node.number("bias", 1);
  importer.finish(node, std::move(made));
}

}  // namespace

OnnxOperators onnx_dense_operators() {
  return {{"Gemm", gemm},
          {"MatMul", mat_mul},
          {"BatchNormalization", batch_normalization},
          {"LayerNormalization", layer_normalization},
          {"GroupNormalization", group_normalization},
          {"InstanceNormalization", instance_normalization},
          {"LRN", local_response_normalization}};
}

}  // namespace qeval
