#include "jobs/language/identity.h"

#include <nlohmann/json.hpp>

#include "pipeline/base/errors.h"
#include "pipeline/base/sha256.h"

namespace qeval {
std::string sha256_hex(std::string_view bytes) { return Sha256().add_bytes(bytes).hex(); }

std::string canonical_json(const KeyComponents& components) {
  nlohmann::json json = nlohmann::json::object();
  for (const auto& [name, text] : components) json[name] = text;
  try {
    return json.dump();
  } catch (const nlohmann::json::type_error&) {
    throw UsageError("a component of the run's key is not UTF-8 text");
  }
}

std::string make_key(const KeyComponents& components) { return sha256_hex(canonical_json(components)); }

std::vector<std::string> differing_components(const KeyComponents& have, const KeyComponents& wanted) {
  std::vector<std::string> names;
  for (const auto& [name, value] : wanted) {
    const auto found = have.find(name);
    if (found == have.end() || found->second != value) names.push_back(name);
  }
  for (const auto& [name, value] : have)
    if (wanted.count(name) == 0) names.push_back(name);
  return names;
}

}  // namespace qeval
