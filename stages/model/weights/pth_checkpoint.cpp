#include "stages/model/weights/pth_checkpoint.h"

#include <array>
#include <map>
#include <optional>
#include <string>

#include "stages/model/weights/weights_format_error.h"

namespace qeval {
namespace {

using Kind = PickleValue::Kind;
constexpr const char* expected = "give the file that torch.save(model.state_dict(), …) wrote";

bool holds_tensors(const PickleDocument& document, const PickleValue& value) {
  if (value.kind != Kind::dict) return false;
  for (std::size_t i = 1; i < value.items.size(); i += 2)
    if (document.at(value.items[i]).kind == Kind::tensor) return true;
  return false;
}

bool has_key(const PickleDocument& document, const PickleValue& dict, std::size_t item, std::string_view key) {
  const PickleValue& name = document.at(dict.items[item]);
  return name.kind == Kind::text && name.text == key;
}

std::string keys_for_message(const PickleDocument& document, const PickleValue& dict) {
  constexpr std::size_t most_keys = 10;
  std::string keys;
  for (std::size_t i = 0; i < dict.items.size() && i < 2 * most_keys; i += 2) {
    const PickleValue& key = document.at(dict.items[i]);
    keys += (i ? ", " : "") + (key.kind == Kind::text ? in_quotes(key.text) : std::string(kind_name(key.kind)));
  }
  return keys + (dict.items.size() > 2 * most_keys ? ", …" : "");
}

/// The value under the first of the usual names that holds tensors.
std::optional<PickleId> usual_entry(const PickleDocument& document, const PickleValue& root) {
  constexpr std::array<std::string_view, 5> usual_keys{"state_dict", "model_state_dict", "model", "net", "weights"};
  for (std::string_view key : usual_keys)
    for (std::size_t i = 0; i + 1 < root.items.size(); i += 2)
      if (has_key(document, root, i, key) && holds_tensors(document, document.at(root.items[i + 1])))
        return root.items[i + 1];
  return std::nullopt;
}

std::optional<PickleId> only_entry(const PickleDocument& document, const PickleValue& root) {
  std::optional<PickleId> found;
  for (std::size_t i = 1; i < root.items.size(); i += 2) {
    if (!holds_tensors(document, document.at(root.items[i]))) continue;
    if (found) return std::nullopt;
    found = root.items[i];
  }
  return found;
}

const PickleValue& find_state_dict(const PickleDocument& document) {
  const PickleValue& root = document.at(document.root);
  if (root.kind != Kind::dict)
    throw WeightsFormatError(std::string("the checkpoint is a ") + kind_name(root.kind) + ", not a dict of tensors",
                             expected);
  if (holds_tensors(document, root)) return root;
  if (const auto entry = usual_entry(document, root)) return document.at(*entry);
  if (const auto entry = only_entry(document, root)) return document.at(*entry);
  throw WeightsFormatError(
      "no state dict, or no unique one, among the checkpoint's keys " + keys_for_message(document, root), expected);
}

/// How many tensors of the state dict lie in each storage, by where its bytes are: storages may have the same ones.
using StorageUsers = std::map<const std::uint8_t*, std::size_t>;

StorageUsers users_of_storages(const PickleDocument& document, const PickleValue& dict,
                               const std::vector<std::span<const std::uint8_t>>& storages) {
  StorageUsers users;
  for (std::size_t i = 1; i < dict.items.size(); i += 2)
    if (const PickleValue& value = document.at(dict.items[i]); value.kind == Kind::tensor)
      ++users[storages[document.tensors[static_cast<std::size_t>(value.integer)].storage].data()];
  return users;
}

}  // namespace

std::uint64_t storage_bytes(const PickledStorage& storage) {
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(static_cast<std::uint64_t>(storage.numel), element_type_info(storage.type).size_bytes,
                             &bytes))
    throw WeightsFormatError("storage " + in_quotes(storage.key) + " claims " + std::to_string(storage.numel) +
                             " elements, which overflows");
  return bytes;
}

void add_checkpoint_tensors(const PickleDocument& document,
                            const std::vector<std::span<const std::uint8_t>>& storages, StateDictBuilder& builder) {
  const PickleValue& dict = find_state_dict(document);
  StorageUsers users = users_of_storages(document, dict, storages);
  for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
    const PickleValue& value = document.at(dict.items[i + 1]);
    if (value.kind != Kind::tensor) continue;
    const PickleValue& name = document.at(dict.items[i]);
    if (name.kind != Kind::text)
      throw WeightsFormatError(std::string("a tensor of the checkpoint has a ") + kind_name(name.kind) + " as its name",
                               expected);
    const PickledTensor& tensor = document.tensors[static_cast<std::size_t>(value.integer)];
    const auto storage = storages[tensor.storage];
    const bool last = --users[storage.data()] == 0;
    builder.add(std::string(name.text), {tensor.type, tensor.shape, tensor.strides, tensor.offset, storage}, last);
  }
}

}  // namespace qeval
