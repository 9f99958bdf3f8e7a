// Constants, and what exporters compute of shapes and constants before they use them.
#include <algorithm>

#include "stages/model/onnx/constant_folding.h"
#include "stages/model/onnx/onnx_operators.h"

namespace qeval {
namespace {

/// The shorter forms of a value, as the tensor that they stand for: what holds for one holds for the other.
onnx::TensorProto written_without_tensor(const OnnxNode& node) {
  onnx::TensorProto made;
  made.set_name(node.name());
  for (const auto& attribute : node.proto().attribute()) {
    if (attribute.name() == "value_float") made.add_float_data(attribute.f());
    if (attribute.name() == "value_int") made.add_int64_data(attribute.i());
    if (attribute.name() == "value_floats") *made.mutable_float_data() = attribute.floats();
    if (attribute.name() == "value_ints") *made.mutable_int64_data() = attribute.ints();
  }
  const bool floats = node.has_attribute("value_float") || node.has_attribute("value_floats");
  const bool list = node.has_attribute("value_floats") || node.has_attribute("value_ints");
  node.require(floats || list || node.has_attribute("value_int"), "its value is of a kind that is not supported");
  made.set_data_type(floats ? onnx::TensorProto::FLOAT : onnx::TensorProto::INT64);
  if (list) made.add_dims(floats ? made.float_data_size() : made.int64_data_size());
  return made;
}

void constant(OnnxImporter& importer, const OnnxNode& node) {
  OnnxValue value;
  const onnx::TensorProto* const tensor = node.tensor("value");
  value.constant = tensor ? importer.take_constant(*tensor) : importer.constant(written_without_tensor(node));
  importer.bind(node, std::move(value));
}

/// −1 stands for the batch.
void shape(OnnxImporter& importer, const OnnxNode& node) {
  std::vector<std::int64_t> sizes;
  if (node.is_constant(0)) {
    sizes = node.constant(0).shape;
  } else {
    sizes = node.activation(0).shape;
    sizes.insert(sizes.begin(), -1);
  }
  const auto count = static_cast<std::int64_t>(sizes.size());
  const auto bound = [&](const char* name, std::int64_t fallback) {
    const std::int64_t value = node.integer(name, fallback, -count, count);
    return value < 0 ? value + count : value;
  };
  const std::int64_t start = bound("start", 0), end = std::max(bound("end", count), start);
  OnnxConstant made;
  made.integers = std::vector<std::int64_t>(sizes.begin() + start, sizes.begin() + end);
  made.shape = {end - start};
  made.of_shape = !node.is_constant(0);
  importer.bind_constant(node, std::move(made));
}

void constant_of_shape(OnnxImporter& importer, const OnnxNode& node) {
  OnnxConstant zero;
  zero.floats = Tensor({1}, std::vector<float>{0.0f});
  const onnx::TensorProto* const value = node.tensor("value");
  importer.bind_constant(node, filled_constant(node, value ? *importer.take_constant(*value) : zero));
}

/// Of an activation: to floats, which it is.
void cast(OnnxImporter& importer, const OnnxNode& node) {
  node.activation(0);
  node.require(node.integer("to", 0, 0, 1000) == onnx::TensorProto::FLOAT,
               "it casts values that are computed from the image; only casts to float are supported");
  importer.bind_alias(node);
}

}  // namespace

OnnxOperators onnx_constant_operators() {
  return {{"Constant", constant}, {"Shape", shape}, {"ConstantOfShape", constant_of_shape}, {"Cast", cast}};
}

}  // namespace qeval
