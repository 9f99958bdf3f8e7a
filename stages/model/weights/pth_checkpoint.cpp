#include "stages/model/weights/pth_checkpoint.h"

#include <algorithm>
#include <map>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "stages/model/weights/usual_keys.h"
#include "stages/model/weights/weights_format_error.h"

namespace qeval {
namespace {

using Kind = PickleValue::Kind;
constexpr const char* expected = "give the file that torch.save(model.state_dict(), …) wrote";

std::string keys_for_message(const PickleDocument& document, const PickleValue& dict) {
  constexpr std::size_t most_keys = 10;
  std::string keys;
  for (std::size_t i = 0; i < dict.items.size() && i < 2 * most_keys; i += 2) {
    const PickleValue& key = document.at(dict.items[i]);
    keys += (i ? ", " : "") + (key.kind == Kind::text ? in_quotes(key.text) : std::string(kind_name(key.kind)));
  }
  return keys + (dict.items.size() > 2 * most_keys ? ", …" : "");
}

/// A dictionary of weights under a key of the root, or under "key.key" in a dictionary there.
struct Candidate {
  std::string key;
  const PickleValue* dict = nullptr;
};

const Candidate* find_key(const std::vector<Candidate>& candidates, std::string_view key) {
  const auto found = std::find_if(candidates.begin(), candidates.end(),
                                  [&](const Candidate& candidate) { return candidate.key == key; });
  return found == candidates.end() ? nullptr : &*found;
}

/// Looks into every dictionary once, however many keys it is under: honest files are small there, hostile ones are not.
class CandidateSearch {
 public:
  explicit CandidateSearch(const PickleDocument& document) : document_(document) {}

  /// Those under the root's own keys, or the nested ones where there are none or one of them is asked for.
  std::vector<Candidate> all(const std::string& key) {
    const PickleValue& root = document_.at(document_.root);
    std::vector<Candidate> found = in(root, "");
    const bool nested = key.empty() ? found.empty() && !holds_weights(document_, root)
                                    : key.find('.') != std::string::npos && !find_key(found, key);
    if (!nested) return found;
    for (std::size_t i = 0; i + 1 < root.items.size(); i += 2) {
      const PickleValue& name = document_.at(root.items[i]);
      const PickleId id = root.items[i + 1];
      if (name.kind != Kind::text || !is_mapping(document_.at(id)) || !entered_.insert(id).second) continue;
      for (Candidate& candidate : in(document_.at(id), std::string(name.text) + ".")) found.push_back(candidate);
    }
    return found;
  }

 private:
  std::vector<Candidate> in(const PickleValue& dict, const std::string& prefix) {
    std::vector<Candidate> found;
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2) {
      const PickleValue& key = document_.at(dict.items[i]);
      const PickleId id = dict.items[i + 1];
      if (key.kind == Kind::text && holds(id)) found.push_back({prefix + std::string(key.text), &document_.at(id)});
    }
    return found;
  }

  bool holds(PickleId id) {
    const auto [entry, is_new] = known_.emplace(id, false);
    if (is_new) entry->second = holds_weights(document_, document_.at(id));
    return entry->second;
  }

  const PickleDocument& document_;
  std::unordered_map<PickleId, bool> known_;
  std::unordered_set<PickleId> entered_;
};

std::string keys_of(const std::vector<Candidate>& candidates) {
  std::string text;
  for (const Candidate& candidate : candidates) text += (text.empty() ? "" : ", ") + in_quotes(candidate.key);
  return text;
}

const Candidate& asked_for(const std::vector<Candidate>& candidates, const std::string& key) {
  if (const Candidate* found = find_key(candidates, key)) return *found;
  throw WeightsFormatError("the checkpoint holds no dictionary of weights under " + in_quotes(key),
                           candidates.empty()
                               ? "remove model.state_dict"
                               : "it has some under " + keys_of(candidates) + "; correct model.state_dict");
}

/// Without a key: the dictionary is the root itself.
Candidate find_state_dict(const PickleDocument& document, const std::vector<Candidate>& candidates,
                          const std::string& key) {
  const PickleValue& root = document.at(document.root);
  if (!key.empty()) return asked_for(candidates, key);
  for (const char* usual : usual_state_dict_keys)
    if (const Candidate* found = find_key(candidates, usual)) return *found;
  if (holds_weights(document, root)) return {"", &root};
  if (candidates.size() == 1) return candidates.front();
  if (!candidates.empty())
    throw WeightsFormatError("several dictionaries of weights are in the checkpoint: " + keys_of(candidates),
                             "choose one with model.state_dict: KEY");
  throw WeightsFormatError("no state dict among the checkpoint's keys " + keys_for_message(document, root), expected);
}

void require_mapping(const PickleDocument& document) {
  const PickleValue& root = document.at(document.root);
  if (!is_mapping(root))
    throw WeightsFormatError(std::string("the checkpoint is a ") + kind_name(root.kind) + ", not a dict of tensors",
                             expected);
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

void add_checkpoint_tensors(const PickleDocument& document, const std::vector<std::span<const std::uint8_t>>& storages,
                            const std::string& key, StateDictBuilder& builder) {
  require_mapping(document);
  const std::vector<Candidate> candidates = CandidateSearch(document).all(key);
  const Candidate chosen = find_state_dict(document, candidates, key);
  const PickleValue& dict = *chosen.dict;
  std::vector<std::string> others;
  for (const Candidate& candidate : candidates)
    if (candidate.key != chosen.key) others.emplace_back(candidate.key);
  builder.name_dictionary(chosen.key, std::move(others));
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
