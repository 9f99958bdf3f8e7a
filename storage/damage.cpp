#include "storage/damage.h"

#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"

namespace qeval {

void throw_damaged(const std::filesystem::path& database, const std::string& what) {
  throw DatabaseError("database " + visible_name(database.string()) + " is damaged (" + what +
                      "); restore a backup, or save what is readable with `sqlite3 FILE .recover`");
}

}  // namespace qeval
