#pragma once
/// Writes small ONNX files for tests.
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <onnx/onnx_pb.h>

namespace qeval::test {

using OnnxAttributes =
    std::vector<std::pair<std::string, std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>>>>;

class OnnxBuilder {
 public:
  explicit OnnxBuilder(const std::vector<std::int64_t>& image = {3, 8, 8}, int opset = 17) {
    model.set_ir_version(8);
    model.add_opset_import()->set_version(opset);
    auto& input = *model.mutable_graph()->add_input();
    input.set_name("x");
    auto& type = *input.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnx::TensorProto::FLOAT);
    type.mutable_shape()->add_dim()->set_dim_param("batch");
    for (const std::int64_t size : image) type.mutable_shape()->add_dim()->set_dim_value(size);
  }

  onnx::TensorProto& tensor(const std::string& name, int type, const std::vector<std::int64_t>& shape) {
    auto& made = *model.mutable_graph()->add_initializer();
    made.set_name(name);
    made.set_data_type(type);
    for (const std::int64_t size : shape) made.add_dims(size);
    return made;
  }
  std::string floats(const std::string& name, const std::vector<std::int64_t>& shape,
                     const std::vector<float>& values) {
    auto& made = tensor(name, onnx::TensorProto::FLOAT, shape);
    for (const float value : values) made.add_float_data(value);
    return name;
  }
  std::string integers(const std::string& name, const std::vector<std::int64_t>& values) {
    auto& made = tensor(name, onnx::TensorProto::INT64, {static_cast<std::int64_t>(values.size())});
    for (const std::int64_t value : values) made.add_int64_data(value);
    return name;
  }
  /// A scalar of a small integer type, e.g. a zero point.
  std::string code(const std::string& name, int type, int value) {
    tensor(name, type, {}).add_int32_data(value);
    return name;
  }

  /// Adds a node called like its output.
  std::string node(const std::string& op, const std::vector<std::string>& inputs, const std::string& output,
                   const OnnxAttributes& attributes = {}) {
    auto& made = *model.mutable_graph()->add_node();
    made.set_op_type(op);
    made.set_name(output);
    for (const std::string& input : inputs) made.add_input(input);
    made.add_output(output);
    for (const auto& [name, value] : attributes) {
      auto& attribute = *made.add_attribute();
      attribute.set_name(name);
      if (const auto* i = std::get_if<std::int64_t>(&value)) attribute.set_i(*i);
      if (const auto* f = std::get_if<float>(&value)) attribute.set_f(*f);
      if (const auto* s = std::get_if<std::string>(&value)) attribute.set_s(*s);
      if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value))
        for (const std::int64_t i : *list) attribute.add_ints(i);
    }
    return output;
  }
  /// Pools `value`, which has `channels`, to one row of logits, and makes that the output.
  void pool_to_logits(const std::string& value) {
    output(node("Flatten", {node("GlobalAveragePool", {value}, "pooled")}, "logits"));
  }
  void output(const std::string& name) { model.mutable_graph()->add_output()->set_name(name); }

  std::filesystem::path save(const std::filesystem::path& folder) const {
    const auto file = folder / "net.onnx";
    std::ofstream(file, std::ios::binary) << model.SerializeAsString();
    return file;
  }

  onnx::ModelProto model;
};

}  // namespace qeval::test
