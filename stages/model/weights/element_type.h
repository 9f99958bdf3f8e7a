#pragma once
/// The element types weight files may hold, under the names that safetensors and torch give them.
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace qeval {

enum class ElementType : std::uint8_t { f32, f16, bf16, f64, i8, u8, i16, u16, i32, u32, i64, u64, boolean };

struct ElementTypeInfo {
  ElementType type;
  std::size_t size_bytes;
  bool is_float;
  std::string_view safetensors;    ///< "F32"
  std::string_view torch_dtype;    ///< "float32"
  std::string_view torch_storage;  ///< "FloatStorage"; empty where torch has none
};

const ElementTypeInfo& element_type_info(ElementType type);

/// nullptr for a name that is not in the table.
const ElementTypeInfo* find_safetensors_type(std::string_view name);
const ElementTypeInfo* find_torch_dtype(std::string_view name);
const ElementTypeInfo* find_torch_storage(std::string_view name);

}  // namespace qeval
