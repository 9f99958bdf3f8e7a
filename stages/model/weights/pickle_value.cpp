#include "stages/model/weights/pickle_value.h"

#include "stages/model/weights/weights_format_error.h"

namespace qeval {

std::size_t PickleDocument::intern_storage(const PickledStorage& storage) {
  const auto [entry, is_new] = storage_index_.emplace(storage.key, storages.size());
  if (is_new) {
    storages.push_back(storage);
  } else {
    const PickledStorage& known = storages[entry->second];
    if (known.type != storage.type || known.numel != storage.numel)
      throw WeightsFormatError("the pickle gives storage " + in_quotes(storage.key) + " two sizes or types");
  }
  return entry->second;
}

void PickleDocument::count_copied_pairs(std::size_t count) {
  constexpr std::size_t most_pairs = 1'000'000;
  copied_pairs_ += count;
  if (copied_pairs_ > most_pairs) throw WeightsFormatError("the pickle copies more than a million dict entries");
}

const char* kind_name(PickleValue::Kind kind) {
  switch (kind) {
    case PickleValue::Kind::none: return "None";
    case PickleValue::Kind::boolean: return "bool";
    case PickleValue::Kind::integer: return "integer";
    case PickleValue::Kind::big_integer: return "big integer";
    case PickleValue::Kind::real: return "float";
    case PickleValue::Kind::text: return "string";
    case PickleValue::Kind::bytes: return "bytes";
    case PickleValue::Kind::tuple: return "tuple";
    case PickleValue::Kind::list: return "list";
    case PickleValue::Kind::dict: return "dict";
    case PickleValue::Kind::global: return "global";
    case PickleValue::Kind::storage: return "storage";
    case PickleValue::Kind::tensor: return "tensor";
    case PickleValue::Kind::object: return "Python object";
  }
  return "value";
}

bool is_read_over(const PickleValue& value) {
  if (value.kind == PickleValue::Kind::object) return true;
  return value.kind == PickleValue::Kind::global &&
         (value.global == PickleGlobal::beside || value.global == PickleGlobal::foreign);
}

bool is_mapping(const PickleValue& value) {
  return value.kind == PickleValue::Kind::dict || (value.kind == PickleValue::Kind::object && !value.items.empty());
}

bool is_weight(const PickleDocument& document, const PickleValue& value) {
  if (value.kind != PickleValue::Kind::tensor) return false;
  const PickledTensor& tensor = document.tensors[static_cast<std::size_t>(value.integer)];
  return !tensor.shape.empty() && element_type_info(tensor.type).is_float;
}

bool holds_weights(const PickleDocument& document, const PickleValue& value) {
  if (!is_mapping(value)) return false;
  for (std::size_t i = 1; i < value.items.size(); i += 2)
    if (is_weight(document, document.at(value.items[i]))) return true;
  return false;
}

}  // namespace qeval
