#include "stages/model/weights/element_type.h"

#include <algorithm>
#include <array>

namespace qeval {
namespace {

/// In the order of ElementType.
constexpr std::array<ElementTypeInfo, 13> types{{
    {ElementType::f32, 4, true, "F32", "float32", "FloatStorage"},
    {ElementType::f16, 2, true, "F16", "float16", "HalfStorage"},
    {ElementType::bf16, 2, true, "BF16", "bfloat16", "BFloat16Storage"},
    {ElementType::f64, 8, true, "F64", "float64", "DoubleStorage"},
    {ElementType::i8, 1, false, "I8", "int8", "CharStorage"},
    {ElementType::u8, 1, false, "U8", "uint8", "ByteStorage"},
    {ElementType::i16, 2, false, "I16", "int16", "ShortStorage"},
    {ElementType::u16, 2, false, "U16", "uint16", ""},
    {ElementType::i32, 4, false, "I32", "int32", "IntStorage"},
    {ElementType::u32, 4, false, "U32", "uint32", ""},
    {ElementType::i64, 8, false, "I64", "int64", "LongStorage"},
    {ElementType::u64, 8, false, "U64", "uint64", ""},
    {ElementType::boolean, 1, false, "BOOL", "bool", "BoolStorage"},
}};

const ElementTypeInfo* find(std::string_view ElementTypeInfo::* column, std::string_view name) {
  auto found = std::find_if(types.begin(), types.end(), [&](const auto& row) { return row.*column == name; });
  return found == types.end() || name.empty() ? nullptr : &*found;
}

}  // namespace

const ElementTypeInfo& element_type_info(ElementType type) { return types[static_cast<std::size_t>(type)]; }
const ElementTypeInfo* find_safetensors_type(std::string_view name) {
  return find(&ElementTypeInfo::safetensors, name);
}
const ElementTypeInfo* find_torch_dtype(std::string_view name) { return find(&ElementTypeInfo::torch_dtype, name); }
const ElementTypeInfo* find_torch_storage(std::string_view name) { return find(&ElementTypeInfo::torch_storage, name); }

}  // namespace qeval
