#include "jobs/run/stored_content.h"

#include "pipeline/base/errors.h"
#include "storage/damage.h"

namespace qeval {

namespace {

/// "" if they cannot have been a key's.
std::string key_of(const KeyComponents& components) {
  try {
    return make_key(components);
  } catch (const Error&) {
    return "";
  }
}

}  // namespace

void require_whole_key(const std::filesystem::path& database, const std::string& what, const std::string& key,
                       const KeyComponents& components) {
  if (key_of(components) != key)
    throw_damaged(database, "the key components of " + what + " are not those it was made of");
}

void take_stored(const std::filesystem::path& database, const std::string& what, const std::function<void()>& take) {
  try {
    take();
  } catch (const RunError& error) {
    throw_damaged(database, what + ": " + error.what());
  }
}

}  // namespace qeval
