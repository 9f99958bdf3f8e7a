#include "jobs/identity.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <vector>

#include "pipeline/errors.h"
#include "pipeline/sha256.h"

namespace qeval {
std::string sha256_hex(std::string_view bytes) {
  return Sha256().add_bytes(bytes).hex();
}

std::string sha256_file(const std::filesystem::path& file) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(std::fopen(file.c_str(), "rb"), std::fclose);
  if (!stream) throw InputError(file.string() + ": cannot be opened: " + std::strerror(errno));
  Sha256 hash;
  std::vector<char> buffer(1 << 20);
  errno = 0;
  while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), stream.get())) {
    hash.add_bytes({buffer.data(), size});
  }
  if (std::ferror(stream.get())) throw InputError(file.string() + ": cannot be read: " + std::strerror(errno));
  return hash.hex();
}

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

std::string differing_components(const KeyComponents& have, const KeyComponents& wanted) {
  std::string names;
  for (const auto& [name, value] : wanted) {
    const auto found = have.find(name);
    if (found == have.end() || found->second != value) names += (names.empty() ? "" : ", ") + name;
  }
  return names;
}

}  // namespace qeval
