#include "storage/written_name.h"

#include "storage/file_identity.h"
#include "storage/migrations.h"

namespace qeval {

namespace {

namespace fs = std::filesystem;

fs::path beside(const fs::path& database, const char* suffix) { return database.string() + suffix; }

bool holds_something(const fs::path& file) {
  std::error_code absent;
  const auto bytes = fs::file_size(file, absent);
  return !absent && bytes > 0;
}

/// One entry of one folder, which may be mounted in two places: what lies beside one name lies beside the other.
bool is_same_entry(const fs::path& first, const fs::path& second) {
  const auto folder = identity_of(first.parent_path());
  return first.filename() == second.filename() && folder && folder == identity_of(second.parent_path());
}

void refuse_newest_beside(const fs::path& name, const fs::path& database, const char* suffix) {
  const fs::path newest = beside(name, suffix);
  if (!holds_something(newest)) return;
  const std::string start = "database " + database.string();
  if (identity_of(name))
    throw DatabaseError(start + " was written under the name " + name.string() + ", and its newest results are in " +
                        newest.string() + "; use --db with that name");
  throw DatabaseError(start + " was renamed, but its newest results are still in " + newest.string() +
                      "; rename that to " + beside(database, suffix).string() +
                      " (or delete it if it belongs to something else)");
}

void write_name(Database& database, const fs::path& name) {
  Transaction transaction(database);
  database.run("INSERT INTO written_name(id, path) VALUES(1, ?1) ON CONFLICT(id) DO UPDATE SET path = excluded.path",
               name.string());
  transaction.commit();
  Statement checkpoint = database.query("PRAGMA wal_checkpoint(TRUNCATE)");
  if (checkpoint.step() && checkpoint.integer(0) != 0)
    throw DatabaseError("database " + name.string() + " is held by another program; wait for it, or use --db");
}

}  // namespace

std::optional<fs::path> stored_name(const fs::path& database) {
  try {
    Database main_file(database, Database::Access::immutable);
    Statement statement = main_file.query("SELECT path FROM written_name");
    return statement.step() ? std::optional<fs::path>(statement.text(0)) : std::nullopt;
  } catch (const Error&) {
    return std::nullopt;  // an older or damaged file: whoever opens it next says so
  }
}

void require_usable_name(const fs::path& database, bool being_written) {
  const auto name = stored_name(database);
  if (!name || *name == database || is_same_entry(*name, database)) return;
  const auto named_file = identity_of(*name);
  // A copy, or a file that was moved and has a successor: the files beside that name belong to that other file.
  if (named_file && named_file != identity_of(database)) return;
  if (named_file && being_written)
    throw DatabaseError("database " + database.string() + " is being written under the name " + name->string() +
                        "; use --db with that name");
  for (const char* suffix : {"-wal", "-journal"}) refuse_newest_beside(*name, database, suffix);
}

void take_name(const fs::path& database) {
  const auto name = stored_name(database);
  if (!name || *name == database) return;
  // A reader under the other name does not see what is written under this one, so the file must be nobody else's.
  Database alone(database, Database::Access::read_write);
  alone.run_script("PRAGMA locking_mode=EXCLUSIVE");
  identify(alone, all_migrations());
  write_name(alone, database);
}

void store_first_name(Database& database) {
  if (database.integer("SELECT count(*) FROM written_name") == 0) write_name(database, database.file());
}

}  // namespace qeval
