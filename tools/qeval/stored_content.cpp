#include "tools/qeval/stored_content.h"

#include "pipeline/errors.h"

namespace qeval {

void throw_damaged(const std::string& what) {
  throw DatabaseError("the database is damaged (" + what + "); restore a backup, or save what is readable with " +
                      "`sqlite3 FILE .recover`");
}

void require_whole_key(const std::string& what, const std::string& key, const KeyComponents& components) {
  if (make_key(components) != key) throw_damaged("the key components of " + what + " are not those it was made of");
}

}  // namespace qeval
