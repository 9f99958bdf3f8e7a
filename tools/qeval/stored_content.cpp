#include "tools/qeval/stored_content.h"

#include "pipeline/errors.h"

namespace qeval {

void throw_damaged(const std::string& what) {
  throw DatabaseError("the database is damaged (" + what + "); restore a backup, or save what is readable with " +
                      "`sqlite3 FILE .recover`");
}

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

void require_whole_key(const std::string& what, const std::string& key, const KeyComponents& components) {
  if (key_of(components) != key) throw_damaged("the key components of " + what + " are not those it was made of");
}

}  // namespace qeval
