#include "stages/model/onnx/onnx_outputs.h"

#include <vector>

#include "pipeline/base/did_you_mean.h"
#include "stages/model/arch/arch.h"
#include "stages/model/weights/weights_format_error.h"

namespace qeval {
namespace {

constexpr const char* how_to_choose = "choose one with model.parameters.output: NAME";

bool holds_floats(const onnx::ValueInfoProto& output) {
  switch (output.type().tensor_type().elem_type()) {
    case onnx::TensorProto::UNDEFINED:  // not declared: the graph says it
    case onnx::TensorProto::FLOAT:
    case onnx::TensorProto::FLOAT16:
    case onnx::TensorProto::BFLOAT16:
    case onnx::TensorProto::DOUBLE: return true;
    default: return false;
  }
}

/// "'probs' (float [N, 10])"; without brackets where the file does not declare it.
std::string described(const onnx::ValueInfoProto& output) {
  const auto& type = output.type().tensor_type();
  if (!output.type().has_tensor_type() || type.elem_type() == onnx::TensorProto::UNDEFINED)
    return in_quotes(output.name());
  std::string text = in_quotes(output.name()) + " (";
  text += onnx::TensorProto::DataType_IsValid(type.elem_type())
              ? onnx::TensorProto::DataType_Name(static_cast<onnx::TensorProto::DataType>(type.elem_type()))
              : "type " + std::to_string(type.elem_type());
  for (int i = 0; i < type.shape().dim_size(); ++i) {
    const auto& dim = type.shape().dim(i);
    text += (i == 0 ? " [" : ", ") + (dim.has_dim_value() ? std::to_string(dim.dim_value()) : i == 0 ? "N" : "?");
  }
  return text + (type.has_shape() && type.shape().dim_size() > 0 ? "])" : ")");
}

std::string listed(const OnnxFile& file, const onnx::ValueInfoProto* but) {
  std::string text;
  for (const auto& output : file.graph().output())
    if (&output != but) text += (text.empty() ? "" : ", ") + described(output);
  return text;
}

}  // namespace

const onnx::ValueInfoProto& choose_onnx_output(const OnnxFile& file, const std::string& name) {
  const auto& outputs = file.graph().output();
  if (outputs.empty()) file.fail("declares no output; export the network again");
  if (name.empty() && outputs.size() > 1)
    file.fail("has " + std::to_string(outputs.size()) + " outputs, " + listed(file, nullptr) +
              "; a classifier has one, the scores of the classes: " + how_to_choose);
  std::vector<std::string> names;
  for (const auto& output : outputs) {
    names.push_back(output.name());
    if (!name.empty() && output.name() != name) continue;
    if (!holds_floats(output)) refuse_onnx_output(file, output, "holds no floating-point numbers");
    return output;
  }
  throw ArchParameterError(
      "output", names.front(),
      "the graph has no output " + in_quotes(name) + did_you_mean(name, names) + "; it has " + listed(file, nullptr));
}

void refuse_onnx_output(const OnnxFile& file, const onnx::ValueInfoProto& output, const std::string& why) {
  const std::string others = listed(file, &output);
  file.fail("output " + described(output) + " " + why +
            (others.empty() ? "" : "; the others are " + others + ": " + how_to_choose));
}

}  // namespace qeval
