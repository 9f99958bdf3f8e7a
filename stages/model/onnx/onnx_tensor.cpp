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

void expect_count(std::size_t values, std::int64_t count) {
  if (values != static_cast<std::size_t>(count))
    throw WeightsFormatError("has a shape of " + std::to_string(count) + " elements, but holds " +
                             std::to_string(values) + " values");
}

/// Values outside raw_data stand in a field that depends on the type; f16 and bf16 as 16-bit patterns in int32_data.
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
    expect_count(static_cast<std::size_t>(tensor.float_data_size()), count);
    return {tensor.float_data().begin(), tensor.float_data().end()};
  }
  if (type == ElementType::f64) {
    expect_count(static_cast<std::size_t>(tensor.double_data_size()), count);
    return {tensor.double_data().begin(), tensor.double_data().end()};
  }
  expect_count(static_cast<std::size_t>(tensor.int32_data_size()), count);
  const std::vector<std::uint8_t> bytes = patterns_16(tensor);
  std::vector<float> values(static_cast<std::size_t>(count));
  convert_to_f32(type, bytes.data(), 2, values.data(), values.size());
  return values;
}

std::vector<std::int64_t> typed_integers(const onnx::TensorProto& tensor, ElementType type, std::int64_t count) {
  if (type == ElementType::i64) {
    expect_count(static_cast<std::size_t>(tensor.int64_data_size()), count);
    return {tensor.int64_data().begin(), tensor.int64_data().end()};
  }
  if (type == ElementType::u32) {
    expect_count(static_cast<std::size_t>(tensor.uint64_data_size()), count);
    return {tensor.uint64_data().begin(), tensor.uint64_data().end()};
  }
  expect_count(static_cast<std::size_t>(tensor.int32_data_size()), count);
  return {tensor.int32_data().begin(), tensor.int32_data().end()};
}

std::vector<std::int64_t> integers_of_bytes(ElementType type, std::span<const std::uint8_t> bytes) {
  const std::size_t size = element_type_info(type).size_bytes;
  std::vector<std::int64_t> values;
  values.reserve(bytes.size() / size);
  for (std::size_t i = 0; i < bytes.size(); i += size) values.push_back(read_integer(type, &bytes[i]));
  return values;
}

void fill_from_bytes(OnnxConstant& constant, ElementType type, std::int64_t count, HeldBytes& held) {
  const std::size_t size = element_type_info(type).size_bytes;
  const auto bytes = held.bytes();
  if (bytes.size() % size != 0 || bytes.size() / size != static_cast<std::size_t>(count))
    throw WeightsFormatError("has a shape of " + std::to_string(count) + " elements, but " +
                             std::to_string(bytes.size()) + " bytes of data");
  if (!element_type_info(type).is_float) {
    constant.integers = integers_of_bytes(type, bytes);
    return;
  }
  constant.floats = materialize({type, constant.shape, contiguous_strides(constant.shape), 0, bytes}, held.file(),
                                [&](const std::uint8_t* end) { held.let_go_before(end); });
}

void fill_from_field(OnnxConstant& constant, const onnx::TensorProto& tensor, ElementType type, std::int64_t count) {
  if (!element_type_info(type).is_float)
    constant.integers = typed_integers(tensor, type, count);
  else
    constant.floats = Tensor(constant.shape, typed_floats(tensor, type, count));
}

}  // namespace

OnnxConstant decode_onnx_tensor(const onnx::TensorProto& tensor, OnnxStoredElements elements) {
  const auto type = element_type(tensor.data_type());
  if (!type)
    throw WeightsFormatError("has the element type " + std::to_string(tensor.data_type()) +
                             " (a number of ONNX), which is not supported");
  OnnxConstant constant;
  constant.shape.assign(tensor.dims().begin(), tensor.dims().end());
  const std::int64_t count = checked_numel(constant.shape);
  set_code_range(constant, *type);
  using Place = OnnxStoredElements::Place;
  const bool float_field = elements.place == Place::float_data && *type == ElementType::f32;
  if (float_field) expect_count(elements.held.bytes().size() / sizeof(float), count);
  if (float_field || elements.place == Place::raw_data)
    fill_from_bytes(constant, *type, count, elements.held);
  else
    fill_from_field(constant, tensor, *type, count);
  if (element_type_info(*type).is_float && count == 0)
    constant.floats = Tensor(constant.shape, std::make_shared<const float>(0.0f));
  // A lower bound of −infinity is how exporters say that there is none, so single values may be infinite.
  if (count > 1 && constant.is_float() && count_non_finite(constant.floats.values()) > 0)
    throw WeightsFormatError("has values that are NaN or infinite");
  return constant;
}

}  // namespace qeval
