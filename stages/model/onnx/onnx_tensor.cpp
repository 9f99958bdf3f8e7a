#include "stages/model/onnx/onnx_tensor.h"

#include <cstring>
#include <optional>

#include "stages/model/weights/float_conversion.h"
#include "stages/model/weights/stored_tensor.h"
#include "stages/model/weights/weights_format_error.h"

namespace qeval {
namespace {

/// ONNX's numbers for element types, as far as a model of this kind holds them.
std::optional<ElementType> element_type(int data_type) {
  switch (data_type) {
    case onnx::TensorProto::FLOAT: return ElementType::f32;
    case onnx::TensorProto::UINT8: return ElementType::u8;
    case onnx::TensorProto::INT8: return ElementType::i8;
    case onnx::TensorProto::UINT16: return ElementType::u16;
    case onnx::TensorProto::INT16: return ElementType::i16;
    case onnx::TensorProto::INT32: return ElementType::i32;
    case onnx::TensorProto::INT64: return ElementType::i64;
    case onnx::TensorProto::BOOL: return ElementType::boolean;
    case onnx::TensorProto::FLOAT16: return ElementType::f16;
    case onnx::TensorProto::DOUBLE: return ElementType::f64;
    case onnx::TensorProto::UINT32: return ElementType::u32;
    case onnx::TensorProto::BFLOAT16: return ElementType::bf16;
    default: return std::nullopt;
  }
}

template <class T>
std::int64_t read_as(const std::uint8_t* bytes) {
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return static_cast<std::int64_t>(value);
}

std::int64_t read_integer(ElementType type, const std::uint8_t* bytes) {
  switch (type) {
    case ElementType::i8: return read_as<std::int8_t>(bytes);
    case ElementType::i16: return read_as<std::int16_t>(bytes);
    case ElementType::u16: return read_as<std::uint16_t>(bytes);
    case ElementType::i32: return read_as<std::int32_t>(bytes);
    case ElementType::u32: return read_as<std::uint32_t>(bytes);
    case ElementType::i64: return read_as<std::int64_t>(bytes);
    default: return *bytes;
  }
}

void set_code_range(OnnxConstant& constant, ElementType type) {
  if (type == ElementType::u8 || type == ElementType::i8) constant.code_bits = 8;
  if (type == ElementType::u16 || type == ElementType::i16) constant.code_bits = 16;
  if (type == ElementType::i8) constant.code_low = -128;
  if (type == ElementType::i16) constant.code_low = -32768;
}

/// Values outside raw_data stand in a field that depends on the type; f16 and bf16 as 16-bit patterns in int32_data.
template <class Field>
void expect_count(const Field& field, std::int64_t count) {
  if (field.size() != count)
    throw WeightsFormatError("has a shape of " + std::to_string(count) + " elements, but holds " +
                             std::to_string(field.size()) + " values");
}

std::vector<std::uint8_t> patterns_16(const onnx::TensorProto& tensor) {
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(tensor.int32_data_size()) * 2);
  for (int i = 0; i < tensor.int32_data_size(); ++i) {
    const auto pattern = static_cast<std::uint16_t>(tensor.int32_data(i));
    std::memcpy(bytes.data() + 2 * i, &pattern, 2);
  }
  return bytes;
}

std::vector<float> typed_floats(const onnx::TensorProto& tensor, ElementType type, std::int64_t count) {
  if (type == ElementType::f32) {
    expect_count(tensor.float_data(), count);
    return {tensor.float_data().begin(), tensor.float_data().end()};
  }
  if (type == ElementType::f64) {
    expect_count(tensor.double_data(), count);
    return {tensor.double_data().begin(), tensor.double_data().end()};
  }
  expect_count(tensor.int32_data(), count);
  const std::vector<std::uint8_t> bytes = patterns_16(tensor);
  std::vector<float> values(static_cast<std::size_t>(count));
  convert_to_f32(type, bytes.data(), 2, values.data(), values.size());
  return values;
}

std::vector<std::int64_t> typed_integers(const onnx::TensorProto& tensor, ElementType type, std::int64_t count) {
  if (type == ElementType::i64) {
    expect_count(tensor.int64_data(), count);
    return {tensor.int64_data().begin(), tensor.int64_data().end()};
  }
  if (type == ElementType::u32) {
    expect_count(tensor.uint64_data(), count);
    return {tensor.uint64_data().begin(), tensor.uint64_data().end()};
  }
  expect_count(tensor.int32_data(), count);
  return {tensor.int32_data().begin(), tensor.int32_data().end()};
}

/// `owner` keeps `bytes` alive; f32 that lies well aliases it.
void fill_from_bytes(OnnxConstant& constant, ElementType type, std::span<const std::uint8_t> bytes,
                     std::int64_t count, const std::shared_ptr<const void>& owner) {
  const std::size_t size = element_type_info(type).size_bytes;
  if (bytes.size() % size != 0 || bytes.size() / size != static_cast<std::size_t>(count))
    throw WeightsFormatError("has a shape of " + std::to_string(count) + " elements, but " +
                             std::to_string(bytes.size()) + " bytes of data");
  if (!element_type_info(type).is_float) {
    for (std::size_t i = 0; i < bytes.size(); i += size) constant.integers.push_back(read_integer(type, &bytes[i]));
    return;
  }
  const bool aligned = reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(float) == 0;
  if (type == ElementType::f32 && aligned && count > 0) {
    const auto* values = reinterpret_cast<const float*>(bytes.data());
    constant.floats = Tensor(constant.shape, std::shared_ptr<const float>(owner, values));
    return;
  }
  std::vector<float> values(static_cast<std::size_t>(count));
  convert_to_f32(type, bytes.data(), static_cast<std::ptrdiff_t>(size), values.data(), values.size());
  constant.floats = Tensor(constant.shape, std::move(values));
}

}  // namespace

OnnxConstant decode_onnx_tensor(const onnx::TensorProto& tensor, const OnnxBytes& raw) {
  const auto type = element_type(tensor.data_type());
  if (!type)
    throw WeightsFormatError("has the element type " + std::to_string(tensor.data_type()) +
                             " (a number of ONNX), which is not supported");
  OnnxConstant constant;
  constant.shape.assign(tensor.dims().begin(), tensor.dims().end());
  const std::int64_t count = checked_numel(constant.shape);
  set_code_range(constant, *type);
  if (raw.owner)
    fill_from_bytes(constant, *type, raw.bytes, count, raw.owner);
  else if (element_type_info(*type).is_float)
    constant.floats = Tensor(constant.shape, typed_floats(tensor, *type, count));
  else
    constant.integers = typed_integers(tensor, *type, count);
  if (element_type_info(*type).is_float && count == 0)
    constant.floats = Tensor(constant.shape, std::make_shared<const float>(0.0f));
  // A lower bound of −infinity is how exporters say that there is none, so single values may be infinite.
  if (count > 1 && constant.is_float() && count_non_finite(constant.floats.values()) > 0)
    throw WeightsFormatError("has values that are NaN or infinite");
  return constant;
}

}  // namespace qeval
