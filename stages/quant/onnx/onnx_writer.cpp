#include "stages/quant/onnx/onnx_writer.h"

#include <limits>

#include "pipeline/base/atomic_file.h"
#include "pipeline/base/errors.h"

namespace qeval {
namespace {

void describe(onnx::ValueInfoProto& value, const std::string& name, const std::vector<std::int64_t>& shape) {
  value.set_name(name);
  auto& type = *value.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx::TensorProto::FLOAT);
  for (const std::int64_t size : shape) {
    auto& dim = *type.mutable_shape()->add_dim();
    if (size < 0)
      dim.set_dim_param("batch");
    else
      dim.set_dim_value(size);
  }
}

void set(onnx::AttributeProto& attribute, const OnnxAttribute& given) {
  attribute.set_name(given.first);
  if (const auto* integer = std::get_if<std::int64_t>(&given.second)) {
    attribute.set_type(onnx::AttributeProto::INT);
    attribute.set_i(*integer);
  } else if (const auto* number = std::get_if<float>(&given.second)) {
    attribute.set_type(onnx::AttributeProto::FLOAT);
    attribute.set_f(*number);
  } else if (const auto* text = std::get_if<const char*>(&given.second)) {
    attribute.set_type(onnx::AttributeProto::STRING);
    attribute.set_s(*text);
  } else {
    attribute.set_type(onnx::AttributeProto::INTS);
    for (const std::int64_t value : std::get<std::vector<std::int64_t>>(given.second)) attribute.add_ints(value);
  }
}

}  // namespace

OnnxWriter::OnnxWriter(const std::string& name) {
  model_.set_ir_version(10);
  model_.set_producer_name("qeval");
  model_.mutable_graph()->set_name(name);
  auto& opset = *model_.add_opset_import();
  opset.set_domain("");
  opset.set_version(21);
}

std::string OnnxWriter::unique(const std::string& name) {
  std::string result = name;
  for (int i = 1; !names_.insert(result).second; ++i) result = name + "#" + std::to_string(i);
  return result;
}

void OnnxWriter::input(const std::string& name, const std::vector<std::int64_t>& shape) {
  names_.insert(name);
  describe(*model_.mutable_graph()->add_input(), name, shape);
}

void OnnxWriter::output(const std::string& name, const std::vector<std::int64_t>& shape) {
  names_.insert(name);
  describe(*model_.mutable_graph()->add_output(), name, shape);
}

void OnnxWriter::finish(const std::string& value, const std::string& output) {
  auto& node = *model_.mutable_graph()->add_node();
  node.set_op_type("Identity");
  node.set_name(output);
  node.add_input(value);
  node.add_output(output);
}

std::string OnnxWriter::node(const char* type, const std::vector<std::string>& inputs, const std::string& name,
                             const std::vector<OnnxAttribute>& attributes) {
  auto& node = *model_.mutable_graph()->add_node();
  node.set_op_type(type);
  for (const std::string& input : inputs) node.add_input(input);
  const std::string output = unique(name);
  node.set_name(output);
  node.add_output(output);
  for (const OnnxAttribute& attribute : attributes) set(*node.add_attribute(), attribute);
  return output;
}

onnx::TensorProto& OnnxWriter::tensor(const std::string& name, int type, const std::vector<std::int64_t>& shape) {
  auto& made = *model_.mutable_graph()->add_initializer();
  made.set_name(unique(name));
  made.set_data_type(type);
  for (const std::int64_t size : shape) made.add_dims(size);
  return made;
}

std::string OnnxWriter::floats(const std::string& name, const Tensor& values) {
  auto& made = tensor(name, onnx::TensorProto::FLOAT, values.shape());
  made.set_raw_data(values.values().data(), values.values().size_bytes());
  return made.name();
}

std::string OnnxWriter::truths(const std::string& name, const Tensor& values) {
  auto& made = tensor(name, onnx::TensorProto::BOOL, values.shape());
  std::string bytes;
  for (const float value : values.values()) bytes.push_back(value != 0 ? 1 : 0);
  made.set_raw_data(std::move(bytes));
  return made.name();
}

std::string OnnxWriter::integers(const std::string& name, const std::vector<std::int64_t>& values) {
  auto& made = tensor(name, onnx::TensorProto::INT64, {static_cast<std::int64_t>(values.size())});
  made.set_raw_data(values.data(), values.size() * sizeof(std::int64_t));
  return made.name();
}

std::string OnnxWriter::codes(const std::string& name, int type, const std::vector<std::int64_t>& shape,
                              const std::vector<std::int32_t>& values) {
  auto& made = tensor(name, type, shape);
  const bool wide = type == onnx::TensorProto::UINT16 || type == onnx::TensorProto::INT16;
  std::string bytes;
  for (const std::int32_t value : values) {  // little-endian; negative codes as their two's complement
    bytes.push_back(static_cast<char>(value & 0xff));
    if (wide) bytes.push_back(static_cast<char>(value >> 8 & 0xff));
  }
  made.set_raw_data(std::move(bytes));
  return made.name();
}

void OnnxWriter::save(const std::filesystem::path& file) const {
  if (model_.ByteSizeLong() > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw UsageError(file.string() + ": the network would need more than 2 GiB, which no ONNX file may have");
  const std::string bytes = model_.SerializeAsString();
  AtomicFile out(file);
  out.write(bytes.data(), bytes.size());
  out.commit();
}

}  // namespace qeval
