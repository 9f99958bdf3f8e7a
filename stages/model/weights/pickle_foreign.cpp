#include "stages/model/weights/pickle_foreign.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "stages/model/weights/usual_keys.h"
#include "stages/model/weights/weights_format_error.h"

namespace qeval {
namespace {

using Kind = PickleValue::Kind;

bool is_network(const PickleDocument&, const PickleValue& value) {
  return value.kind == Kind::object && value.items.empty();
}

/// The usual key with such a value, or the first one; empty: no value is such. Looks at every value once, however many
/// keys it is under.
std::string key_of(const PickleDocument& document, const PickleValue& root,
                   bool (*fits)(const PickleDocument&, const PickleValue&)) {
  std::unordered_map<PickleId, bool> known;
  std::vector<std::string_view> keys;
  for (std::size_t i = 0; i + 1 < root.items.size(); i += 2) {
    const PickleValue& key = document.at(root.items[i]);
    const auto [value, is_new] = known.emplace(root.items[i + 1], false);
    if (is_new) value->second = fits(document, document.at(value->first));
    if (key.kind == Kind::text && value->second) keys.push_back(key.text);
  }
  for (const char* usual : usual_state_dict_keys)
    if (std::find(keys.begin(), keys.end(), usual) != keys.end()) return usual;
  return keys.empty() ? "" : std::string(keys.front());
}

/// What Python is to save instead of the file's root.
std::string weights_of_saved(const PickleDocument& document) {
  if (document.values.empty()) return "saved.state_dict()";
  const PickleValue& root = document.at(document.root);
  if (!is_mapping(root)) return "saved.state_dict()";
  if (holds_weights(document, root)) return "{key: saved[key] for key in saved if torch.is_tensor(saved[key])}";
  if (const std::string key = key_of(document, root, holds_weights); !key.empty())
    return "dict(saved[" + in_quotes(key) + "])";
  if (const std::string key = key_of(document, root, is_network); !key.empty())
    return "saved[" + in_quotes(key) + "].state_dict()";
  return "saved.state_dict()";
}

}  // namespace

void refuse_foreign(const PickleDocument& document) {
  throw WeightsFormatError("refers to " + in_quotes(document.foreign) +
                               ", which a file of plain weights does not need; nothing was executed",
                           "if you trust the file, take the weights out of it in Python:\n"
                           "  import torch\n"
                           "  saved = torch.load(\"FILE\", map_location=\"cpu\", weights_only=False)\n"
                           "  torch.save(" +
                               weights_of_saved(document) + ", \"weights.pth\")");
}

}  // namespace qeval
