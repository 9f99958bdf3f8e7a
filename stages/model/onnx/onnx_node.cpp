#include "stages/model/onnx/onnx_node.h"

#include <cmath>

#include "stages/model/weights/weights_format_error.h"

namespace qeval {

std::string OnnxNode::name() const {
  if (!proto_.name().empty()) return proto_.name();
  return proto_.output_size() > 0 ? proto_.output(0) : "";
}

void OnnxNode::fail(const std::string& what) const {
  file_.fail("node " + in_quotes(name()) + " (" + proto_.op_type() + "): " + what);
}

const OnnxValue& OnnxNode::operand(std::size_t i) const {
  if (!has_operand(i)) fail("input " + std::to_string(i) + " is missing");
  return *operands_[i];
}

const OnnxValue& OnnxNode::activation(std::size_t i) const {
  const OnnxValue& value = operand(i);
  if (value.constant) fail("input " + std::to_string(i) + " is a constant where an activation is expected");
  if (value.grid) fail("a QuantizeLinear goes into it directly; only a DequantizeLinear may follow one");
  return value;
}

const OnnxConstant& OnnxNode::constant(std::size_t i) const {
  const OnnxValue& value = operand(i);
  if (!value.constant)
    fail("input " + std::to_string(i) + " is computed from the image; only constants are supported there");
  return *value.constant;
}

const Tensor& OnnxNode::float_tensor(std::size_t i, int rank) const {
  const OnnxConstant& value = constant(i);
  if (!value.is_float()) fail("input " + std::to_string(i) + " must hold floating-point numbers");
  if (rank >= 0 && value.shape.size() != static_cast<std::size_t>(rank))
    fail("input " + std::to_string(i) + " has " + std::to_string(value.shape.size()) + " axes, but must have " +
         std::to_string(rank));
  return value.floats;
}

float OnnxNode::scalar(std::size_t i, float fallback) const {
  if (!has_operand(i)) return fallback;
  const Tensor& value = float_tensor(i);
  if (value.numel() != 1) fail("input " + std::to_string(i) + " must be a single number");
  if (std::isnan(value.values()[0])) fail("input " + std::to_string(i) + " is not a number (NaN)");
  return value.values()[0];
}

const std::vector<std::int64_t>& OnnxNode::integers(std::size_t i) const {
  const OnnxConstant& value = constant(i);
  if (value.is_float()) fail("input " + std::to_string(i) + " must hold whole numbers");
  if (value.integers.size() > 64) fail("input " + std::to_string(i) + " holds too many numbers");
  return value.integers.list();
}

const onnx::AttributeProto* OnnxNode::find(const char* name) const {
  for (const auto& attribute : proto_.attribute())
    if (attribute.name() == name) return &attribute;
  return nullptr;
}

std::int64_t OnnxNode::integer(const char* name, std::int64_t fallback, std::int64_t low, std::int64_t high) const {
  const auto* attribute = find(name);
  if (!attribute) return fallback;
  if (!attribute->has_i() || attribute->i() < low || attribute->i() > high)
    fail(std::string(name) + " must be a whole number from " + std::to_string(low) + " to " + std::to_string(high));
  return attribute->i();
}

float OnnxNode::number(const char* name, float fallback) const {
  const auto* attribute = find(name);
  if (!attribute) return fallback;
  if (!attribute->has_f() || !std::isfinite(attribute->f())) fail(std::string(name) + " must be a finite number");
  return attribute->f();
}

std::string OnnxNode::text(const char* name, const char* fallback) const {
  const auto* attribute = find(name);
  return attribute && attribute->has_s() ? attribute->s() : fallback;
}

std::vector<std::int64_t> OnnxNode::integer_list(const char* name) const {
  const auto* attribute = find(name);
  if (!attribute) return {};
  if (attribute->ints_size() > 64) fail(std::string(name) + " holds too many numbers");
  return {attribute->ints().begin(), attribute->ints().end()};
}

std::vector<int> OnnxNode::small_integers(const char* name, std::vector<int> fallback, int low, int high) const {
  if (!has_attribute(name)) return fallback;
  const std::vector<std::int64_t> values = integer_list(name);
  if (values.size() != fallback.size())
    fail(std::string(name) + " must hold " + std::to_string(fallback.size()) + " numbers, not " +
         std::to_string(values.size()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i] < low || values[i] > high)
      fail(std::string(name) + " holds " + std::to_string(values[i]) + ", but must be from " + std::to_string(low) +
           " to " + std::to_string(high));
    fallback[i] = static_cast<int>(values[i]);
  }
  return fallback;
}

std::vector<std::int64_t> OnnxNode::list_from(const char* name, std::size_t input) const {
  if (has_attribute(name)) return integer_list(name);
  return has_operand(input) ? integers(input) : std::vector<std::int64_t>{};
}

const onnx::TensorProto* OnnxNode::tensor(const char* name) const {
  const auto* attribute = find(name);
  return attribute && attribute->has_t() ? &attribute->t() : nullptr;
}

int OnnxNode::axis(std::int64_t axis, std::size_t rank) const {
  const auto count = static_cast<std::int64_t>(rank);
  if (axis < -count || axis >= count)
    fail("axis " + std::to_string(axis) + " of a value with " + std::to_string(count) + " axes");
  return static_cast<int>(axis < 0 ? axis + count : axis);
}

}  // namespace qeval
