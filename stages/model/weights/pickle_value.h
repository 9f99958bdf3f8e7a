#pragma once
/// What an unpickled checkpoint is made of. Values live in one arena and refer to each other by index, so that neither
/// deep nesting nor shared or cyclic references can overflow a stack or multiply memory.
///
/// Ownership: text views point into the pickle's bytes. Thread-safety: a plain value.
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "stages/model/weights/element_type.h"

namespace qeval {

using PickleId = std::uint32_t;  ///< index into PickleDocument::values

/// Globals a checkpoint may name. See pickle_globals.cpp for the complete list.
enum class PickleGlobal : std::uint8_t {
  ordered_dict,
  rebuild_tensor,
  rebuild_tensor_v2,
  rebuild_tensor_v3,
  rebuild_parameter,
  size,
  storage,
  dtype
};

struct PickleValue {
  enum class Kind : std::uint8_t {
    none,
    boolean,
    integer,
    big_integer,
    real,
    text,
    bytes,
    tuple,
    list,
    dict,
    global,
    storage,
    tensor
  };
  Kind kind = Kind::none;
  PickleGlobal global = PickleGlobal::size;    ///< global
  ElementType element_type = ElementType::u8;  ///< global: of a storage class or dtype
  std::int64_t integer = 0;                    ///< boolean, integer; storage, tensor: index into the document's list
  double real = 0;                             ///< real
  std::string_view text;                       ///< text, bytes; big_integer: little-endian two's complement
  std::vector<PickleId> items;                 ///< tuple, list; dict: key, value, key, value, …
};

/// A reference to raw data that lies outside the pickle.
struct PickledStorage {
  std::string_view key;
  ElementType type = ElementType::u8;  ///< u8 for UntypedStorage
  std::int64_t numel = 0;
};

struct PickledTensor {
  std::size_t storage = 0;
  ElementType type = ElementType::f32;
  std::int64_t offset = 0;
  std::vector<std::int64_t> shape, strides;
};

class PickleDocument {
 public:
  std::vector<PickleValue> values;
  PickleId root = 0;
  std::vector<PickledStorage> storages;  ///< unique keys, in order of first use
  std::vector<PickledTensor> tensors;
  std::size_t bytes_read = 0;  ///< up to and with STOP

  const PickleValue& at(PickleId id) const { return values[id]; }
  PickleId add(PickleValue value) {
    values.push_back(std::move(value));
    return static_cast<PickleId>(values.size() - 1);
  }
  /// Index of the storage with this key, added if new. Throws WeightsFormatError if the key was used for another one.
  std::size_t intern_storage(const PickledStorage& storage);

  /// Bounds the pairs copied out of shared lists. Throws WeightsFormatError over a million.
  void count_copied_pairs(std::size_t count);

 private:
  std::unordered_map<std::string_view, std::size_t> storage_index_;
  std::size_t copied_pairs_ = 0;
};

/// "integer", "dict" … for messages.
const char* kind_name(PickleValue::Kind kind);

}  // namespace qeval
