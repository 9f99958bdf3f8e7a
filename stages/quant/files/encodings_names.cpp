#include "stages/quant/files/encodings_names.h"

#include <set>

#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "stages/quant/files/aimet_encodings_document.h"

namespace qeval {
namespace {

/// A parameter stays one whatever it is called; for others the new name says the side.
QuantizerRole role_after(QuantizerRole role, const std::string& name) {
  if (role == QuantizerRole::param) return role;
  return !module_of_side(name).empty() && name.ends_with(":input") ? QuantizerRole::input : QuantizerRole::output;
}

}  // namespace

NameMapFile read_name_map(const std::filesystem::path& file) {
  const EncodingsDocument document(file);
  NameMap names;
  std::map<std::string, std::string> taken;
  for (const auto& [name, value] : document.root().items()) {
    const auto where = EncodingsDocument::Pointer() / name;
    if (!value.is_string() || value.get<std::string>().empty())
      document.fail(where, "a name map is {\"name in the encodings file\": \"quantizer\", …}, and this is no name");
    const auto target = value.get<std::string>();
    if (const auto [other, fresh] = taken.emplace(target, name); !fresh)
      document.fail(where, "\"" + target + "\" is already what \"" + other->second + "\" stands for");
    names[name] = target;
  }
  return {std::move(names), document.sha256()};
}

NameMap reversed(const NameMap& names) {
  NameMap result;
  for (const auto& [name, target] : names) result[target] = name;
  return result;
}

std::vector<std::string> rename_entries(EncodingsFile& file, const NameMap& names) {
  std::set<std::string> found, given;
  for (EncodingEntry& entry : file.entries) {
    if (const auto renamed = names.find(entry.name); renamed != names.end()) {
      found.insert(entry.name);
      entry.name = renamed->second;
      entry.role = role_after(entry.role, entry.name);
    }
    if (!given.insert(entry.name).second)
      throw InputError("two encodings would be named \"" + visible_name(entry.name) + "\"; correct the name map");
  }
  std::vector<std::string> missing;
  for (const auto& [name, target] : names)
    if (!found.count(name)) missing.push_back(name);
  return missing;
}

}  // namespace qeval
