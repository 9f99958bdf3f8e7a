// Constants, and what exporters compute of shapes and constants before they use them.
#include <algorithm>

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

/// −1 stands for the batch: as a size to reshape to it means the same.
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
  importer.bind_constant(node, std::move(made));
}

/// Of constants, lists of whole numbers only: picks sizes out of a shape.
void gather(OnnxImporter& importer, const OnnxNode& node) {
  if (!node.is_constant(0)) return gather_activation(importer, node);
  const std::vector<std::int64_t>& values = node.integers(0);
  const OnnxConstant& indices = node.constant(1);
  node.require(node.constant(0).shape.size() == 1 && node.integer("axis", 0, -1, 0) <= 0,
               "only constants in one row can be gathered from");
  std::vector<std::int64_t> picked;
  for (const std::int64_t index : node.integers(1))
    picked.push_back(values[static_cast<std::size_t>(node.axis(index, values.size()))]);
  OnnxConstant made;
  made.integers = std::move(picked);
  made.shape = indices.shape;
  importer.bind_constant(node, std::move(made));
}

/// Of constants, lists of whole numbers only.
void slice(OnnxImporter& importer, const OnnxNode& node) {
  if (!node.is_constant(0)) return slice_activation(importer, node);
  const std::vector<std::int64_t>& values = node.integers(0);
  const auto count = static_cast<std::int64_t>(values.size());
  // Attributes before opset 10.
  const auto single = [&](const char* name, std::size_t input) {
    const std::vector<std::int64_t> list = node.list_from(name, input);
    node.require(list.size() == 1, "only one axis of a constant can be sliced");
    return list[0];
  };
  const bool in_steps = node.has_operand(4) && node.integers(4) != std::vector<std::int64_t>{1};
  node.require(node.constant(0).shape.size() == 1 && !in_steps,
               "only constants in one row can be sliced, with a step of 1");
  const auto bound = [&](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? at + count : at, 0, count); };
  const std::int64_t start = bound(single("starts", 1)), end = std::max(bound(single("ends", 2)), start);
  OnnxConstant made;
  made.integers = std::vector<std::int64_t>(values.begin() + start, values.begin() + end);
  made.shape = {end - start};
  importer.bind_constant(node, std::move(made));
}

/// Between types of whole numbers, or of floats: the value stays.
void cast(OnnxImporter& importer, const OnnxNode& node) {
  const std::int64_t to = node.integer("to", 0, 0, 1000);
  const bool to_float = to == onnx::TensorProto::FLOAT;
  node.require(to_float || to == onnx::TensorProto::INT64 || to == onnx::TensorProto::INT32,
               "only casts to float, int32 and int64 are supported");
  node.require(node.is_constant(0) ? node.constant(0).is_float() == to_float : to_float,
               "a cast between floats and whole numbers is not supported");
  importer.bind_alias(node);
}

}  // namespace

OnnxOperators onnx_constant_operators() {
  return {{"Constant", constant}, {"Shape", shape}, {"Gather", gather}, {"Slice", slice}, {"Cast", cast}};
}

}  // namespace qeval
