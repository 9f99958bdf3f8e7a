#pragma once
/// What an unpickled checkpoint is made of. Values live in one arena and refer to each other by index, so that neither
/// deep nesting nor shared or cyclic references can overflow a stack or multiply memory.
///
/// Ownership: text views point into the pickle's bytes. Thread-safety: a plain value.
#include <cstdint>
#include <string>
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
  rebuild_from_type,
  size,
  storage,
  dtype,
  beside,  ///< what training scripts keep beside the weights: read over, like everything that is made of it
  foreign  ///< any other class or function: read over, too, so that the refusal can say where it stands
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
    tensor,
    object  ///< of a class that is beside or foreign
  };
  Kind kind = Kind::none;
  PickleGlobal global = PickleGlobal::size;    ///< global
  ElementType element_type = ElementType::u8;  ///< global: of a storage class or dtype
  std::int64_t integer = 0;                    ///< boolean, integer; storage, tensor: index into the document's list
  double real = 0;                             ///< real
  std::string_view text;                       ///< text, bytes; big_integer: little-endian two's complement
  std::vector<PickleId> items;                 ///< tuple, list; dict and what an object has as one: key, value, …
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
  std::string foreign;         ///< "module.name" of the first foreign global; empty: there is none
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

/// Of a global that is read over, or that global itself.
bool is_read_over(const PickleValue& value);
/// A dict, or an object that has items as one.
bool is_mapping(const PickleValue& value);
/// A tensor of floats with an axis.
bool is_weight(const PickleDocument& document, const PickleValue& value);
/// A mapping with a weight among its values.
bool holds_weights(const PickleDocument& document, const PickleValue& value);

}  // namespace qeval
