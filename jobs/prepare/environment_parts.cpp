#include "jobs/prepare/environment_parts.h"

#include <algorithm>

namespace qeval {

KeyComponents environment_parts(std::string_view environment) {
  KeyComponents versions;
  while (!environment.empty()) {
    const std::size_t end = std::min(environment.find("; "), environment.size());
    const std::string_view part = environment.substr(0, end);
    const std::size_t equals = std::min(part.find('='), part.size());
    versions[std::string(part.substr(0, equals))] = part.substr(std::min(equals + 1, part.size()));
    environment.remove_prefix(std::min(end + 2, environment.size()));
  }
  return versions;
}

}  // namespace qeval
