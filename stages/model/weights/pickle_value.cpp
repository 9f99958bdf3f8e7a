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
  }
  return "value";
}

}  // namespace qeval
