#include "stages/model/onnx/onnx_operators.h"

namespace qeval {
namespace {

OnnxOperators all_operators() {
  OnnxOperators all;
  for (const auto part :
       {onnx_window_operators, onnx_dense_operators, onnx_arithmetic_operators, onnx_activation_operators,
        onnx_shape_operators, onnx_constant_operators, onnx_quantize_operators, onnx_integer_operators})
    all.merge(part());
  return all;
}

}  // namespace

const OnnxOperators& onnx_operators() {
  static const OnnxOperators all = all_operators();
  return all;
}

Tensor transposed_matrix(const Tensor& matrix) {
  const auto rows = static_cast<std::size_t>(matrix.size(0)), columns = static_cast<std::size_t>(matrix.size(1));
  std::vector<float> values(rows * columns);
  for (std::size_t r = 0; r < rows; ++r)
    for (std::size_t c = 0; c < columns; ++c) values[c * rows + r] = matrix.values()[r * columns + c];
  return Tensor({matrix.size(1), matrix.size(0)}, std::move(values));
}

OnnxValue append_reshape(OnnxImporter& importer, const OnnxNode& node, const OnnxValue& x,
                         std::vector<std::int64_t> shape) {
  Node made = importer.make_node(node, shape.size() == 1 ? Op::flatten : Op::reshape, {&x});
  if (made.op == Op::reshape) made.shape = std::move(shape);
  return importer.append(node, std::move(made));
}

OnnxValue append_joined_axes(OnnxImporter& importer, const OnnxNode& node, const OnnxValue& x, int axis) {
  const auto first = x.shape.begin() + axis - 1;
  std::vector<std::int64_t> shape(x.shape.begin(), first);
  shape.push_back(element_count(node, {first, x.shape.end()}));
  return append_reshape(importer, node, x, std::move(shape));
}

Tensor constant_operand(const OnnxNode& node, const OnnxValue& x, std::size_t i) {
  return without_batch(node, x, node.float_tensor(i));
}

Tensor without_batch(const OnnxNode& node, const OnnxValue& x, const Tensor& constant) {
  std::vector<std::int64_t> shape = constant.shape();
  if (shape.size() == x.shape.size() + 1 && shape[0] == 1) shape.erase(shape.begin());
  node.require(shape.size() <= x.shape.size(), x.shape.size() + 1 < constant.shape().size()
                                                   ? "its constant has more axes than its other input"
                                                   : "its constant has another value for each image");
  shape.insert(shape.begin(), x.shape.size() - shape.size(), 1);
  return Tensor(std::move(shape), constant.data());
}

OnnxValue append_affine(OnnxImporter& importer, const OnnxNode& node, const OnnxValue& x, std::vector<float> scale,
                        std::vector<float> shift) {
  if (x.shape.empty()) {
    const OnnxValue row = append_reshape(importer, node, x, {1});
    return append_reshape(importer, node, append_affine(importer, node, row, std::move(scale), std::move(shift)), {});
  }
  const std::size_t channels = scale.size();
  const auto per_channel = [&](std::vector<float> values) {
    return Tensor({static_cast<std::int64_t>(channels)}, std::move(values));
  };
  Node made = importer.make_node(node, Op::batch_norm, {&x});
  made.weight = per_channel(std::move(scale));
  made.bias = per_channel(std::move(shift));
  made.mean = per_channel(std::vector<float>(channels, 0.0f));
  made.variance = per_channel(std::vector<float>(channels, 1.0f));
  made.epsilon = 0;
  made.from_constants = true;
  return importer.append(node, std::move(made));
}

std::int64_t element_count(const OnnxNode& node, const std::vector<std::int64_t>& shape) {
  constexpr std::int64_t most = std::int64_t{1} << 28;
  std::int64_t count = 1;
  for (const std::int64_t size : shape) {
    if (size < 1) node.fail("its output is empty");
    if (size > most / count) node.fail("its output has more than 2^28 values for one image");
    count *= size;
  }
  return count;
}

}  // namespace qeval
