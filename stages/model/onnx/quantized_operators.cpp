// Operators on integer codes (QOperator files): dequantized inputs, the float operator, its output back on a grid. That
// is what the same network with QuantizeLinear and DequantizeLinear around float operators means.
#include <algorithm>

#include "stages/model/onnx/onnx_operators.h"

namespace qeval {
namespace {

/// Where an integer operator has what; −1: nowhere.
struct IntegerOperator {
  const char* real = "";           ///< the float operator
  std::vector<std::size_t> codes;  ///< inputs; scale and zero point follow each
  std::size_t output_scale = 0;    ///< its zero point follows
  int bias = -1;                   ///< of 32 bits, in steps of both inputs' scales
  int weight_axis = -1;            ///< along which a constant second input may have several scales
};

OnnxValue real_constant(OnnxImporter& importer, const OnnxNode& node, std::size_t i, int axis) {
  onnx::NodeProto proto;
  proto.set_name(node.name());
  proto.set_op_type("DequantizeLinear");
  proto.add_output(node.proto().input(static_cast<int>(i)) + "_dequantized");
  std::vector<const OnnxValue*> operands;
  for (std::size_t input = i; input < i + 3; ++input) {
    proto.add_input(node.proto().input(static_cast<int>(input)));
    operands.push_back(node.has_operand(input) ? &node.operand(input) : nullptr);
  }
  auto& written = *proto.add_attribute();
  written.set_name("axis");
  written.set_type(onnx::AttributeProto::INT);
  written.set_i(axis);
  return importer.run_as(node, proto, operands);
}

/// Input `i` as the numbers that its codes stand for.
OnnxValue real_value(OnnxImporter& importer, const OnnxNode& node, std::size_t i, int axis) {
  if (node.is_constant(i)) return real_constant(importer, node, i, axis);
  const OnnxValue& x = importer.put_on_grid(node, i);
  const float scale = node.scalar(i + 1, 0);
  const std::int64_t zero_point = node.has_operand(i + 2) ? node.integers(i + 2).at(0) : 0;
  node.require(scale == x.grid->scale && zero_point == x.grid->zero_point,
               "the scale or zero point of an input differs from that of the codes that go into it");
  return x.real();
}

/// As the hardware adds it: whole numbers in steps of input scale · weight scale.
OnnxValue real_bias(const OnnxNode& node, const IntegerOperator& form) {
  const OnnxConstant& codes = node.constant(static_cast<std::size_t>(form.bias));
  node.require(!codes.is_float(), "its bias is not one of whole numbers");
  const Tensor &input_scale = node.float_tensor(form.codes[0] + 1), &scales = node.float_tensor(form.codes[1] + 1);
  node.require(input_scale.numel() == 1 && (scales.numel() == 1 || scales.numel() == codes.count()),
               "its bias does not fit its scales");
  const float alpha = node.number("alpha", 1);
  std::vector<float> values(static_cast<std::size_t>(codes.count()));
  for (std::size_t c = 0; c < values.size(); ++c)
    values[c] = static_cast<float>(codes.integers[c]) *
                (alpha * input_scale.values()[0] * scales.values()[scales.numel() == 1 ? 0 : c]);
  OnnxConstant made;
  made.shape = codes.shape;
  made.floats = Tensor(made.shape, std::move(values));
  OnnxValue bias;
  bias.constant = std::make_shared<const OnnxConstant>(std::move(made));
  return bias;
}

OnnxValue run_real(OnnxImporter& importer, const OnnxNode& node, const IntegerOperator& form) {
  onnx::NodeProto proto;
  proto.set_name(node.name());
  proto.set_op_type(form.real);
  *proto.mutable_attribute() = node.proto().attribute();
  proto.add_output(node.proto().output(0));
  std::vector<OnnxValue> values;
  for (const std::size_t i : form.codes) {
    proto.add_input(node.proto().input(static_cast<int>(i)));
    values.push_back(real_value(importer, node, i, i == form.codes[0] ? 0 : std::max(form.weight_axis, 0)));
  }
  if (form.bias >= 0 && node.has_operand(static_cast<std::size_t>(form.bias))) {
    proto.add_input(node.proto().input(form.bias));
    values.push_back(real_bias(node, form));
  }
  std::vector<const OnnxValue*> operands;
  for (const OnnxValue& value : values) operands.push_back(&value);
  return importer.run_as(node, proto, operands);
}

const std::map<std::string_view, IntegerOperator>& integer_forms() {
  static const std::map<std::string_view, IntegerOperator> forms{
      {"QLinearConv", {"Conv", {0, 3}, 6, 8, 0}},
      {"QLinearMatMul", {"MatMul", {0, 3}, 6, -1, 1}},
      {"QGemm", {"Gemm", {0, 3}, 7, 6, 1}},
      {"QLinearAdd", {"Add", {0, 3}, 6}},
      {"QLinearMul", {"Mul", {0, 3}, 6}},
      {"QLinearSigmoid", {"Sigmoid", {0}, 3}},
      {"QLinearLeakyRelu", {"LeakyRelu", {0}, 3}},
      {"QLinearSoftmax", {"Softmax", {0}, 3}},
      {"QLinearAveragePool", {"AveragePool", {0}, 3}},
      {"QLinearGlobalAveragePool", {"GlobalAveragePool", {0}, 3}},
      {"QLinearConcat", {"Concat", {}, 0}}};
  return forms;
}

IntegerOperator form_of(const OnnxNode& node) {
  IntegerOperator form = integer_forms().at(node.proto().op_type());
  if (node.proto().op_type() == "QGemm" && node.integer("transB", 0, 0, 1) == 1) form.weight_axis = 0;
  if (node.proto().op_type() == "QLinearConcat")
    for (std::size_t i = 2; i + 1 < node.operand_count(); i += 3) form.codes.push_back(i);
  return form;
}

void integer_operator(OnnxImporter& importer, const OnnxNode& node) {
  node.require(node.integer("channels_last", 0, 0, 1) == 0, "channels_last is not supported");
  const IntegerOperator form = form_of(node);
  ++importer.quantization().operators;
  const OnnxValue real = run_real(importer, node, form);
  if (!node.has_operand(form.output_scale)) return importer.bind(node, real);
  importer.bind_on_grid(node, real, output_grid(node, form.output_scale));
}

}  // namespace

OnnxOperators onnx_integer_operators() {
  OnnxOperators all;
  for (const auto& [name, form] : integer_forms()) all.emplace(name, integer_operator);
  return all;
}

}  // namespace qeval
