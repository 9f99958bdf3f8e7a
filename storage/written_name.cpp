#include "storage/written_name.h"

#include <random>

#include "pipeline/base/visible_text.h"
#include "storage/file_identity.h"
#include "storage/lock_holder.h"
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

/// "" without a row, and for a file of an older qeval. Nothing if the main file alone cannot be read: it is damaged,
/// which whoever opens it next says, or commits are being moved into it.
std::optional<std::string> stored_text(const fs::path& database, const char* sql) {
  try {
    Database main_file(database, Database::Access::immutable);
    Statement statement = main_file.query(sql);
    return statement.step() ? statement.text(0) : "";
  } catch (const SqlError&) {
    return "";
  } catch (const Error&) {
    return std::nullopt;
  }
}

/// One entry of one folder, which may be mounted in two places: what lies beside one name lies beside the other.
bool is_same_entry(const fs::path& first, const fs::path& second) {
  const auto folder = identity_of(first.parent_path());
  return first.filename() == second.filename() && folder && folder == identity_of(second.parent_path());
}

void refuse_newest_beside(const fs::path& name, const fs::path& database, const char* suffix) {
  const fs::path newest = beside(name, suffix);
  if (!holds_something(newest)) return;
  const std::string start = "database " + visible_name(database.string());
  if (identity_of(name))
    throw DatabaseError(start + " was written under the name " + visible_name(name.string()) +
                        ", and its newest results are in " + visible_name(newest.string()) +
                        "; use --db with that name");
  throw DatabaseError(start + " was renamed, but its newest results are still in " + visible_name(newest.string()) +
                      "; rename that to " + visible_name(beside(database, suffix).string()) +
                      " (or delete it if it belongs to something else)");
}

/// Whoever wrote last under this name left its file's ids in the lock file, and beside it its newest commits, or with a
/// rollback journal what takes an unfinished one back: SQLite would mix either with whatever file is here now.
void refuse_rest_of_another_file(const fs::path& database, const char* suffix, const char* what) {
  const fs::path newest = beside(database, suffix);
  FileIds last_written = last_holder_file_ids(database);
  while (!last_written.main_file.empty() && holds_something(newest)) {
    const auto id = stored_file_id(database);
    if (!id || last_written.include(*id)) return;
    // A writer may have given the file a new id since; then look again.
    if (last_written == last_holder_file_ids(database))
      throw DatabaseError("database " + visible_name(database.string()) +
                          " was replaced by another file: " + visible_name(newest.string()) + " holds " + what +
                          " of the one that was there before. Put that back, or delete " +
                          visible_name(newest.string()));
    last_written = last_holder_file_ids(database);
  }
}

std::string random_id() {
  std::random_device random;
  std::string id;
  for (int word = 0; word < 4; ++word) id += std::to_string(random()) + (word < 3 ? "-" : "");
  return id;
}

/// False if readers, or the writer of another name, kept it from doing so for as long as a connection waits. FULL waits
/// for readers of an older state alone, TRUNCATE for all.
bool move_commits_into_main_file(Database& database, const std::string& how) {
  Statement checkpoint = database.query("PRAGMA wal_checkpoint(" + how + ")");
  return !checkpoint.step() || checkpoint.integer(0) == 0;
}

[[noreturn]] void throw_held(const fs::path& database) {
  throw DatabaseError("database " + visible_name(database.string()) +
                      " is held by another program; wait for it, or use --db");
}

void write_name(Database& database, const fs::path& name) {
  Transaction transaction(database);
  database.run(
      "INSERT INTO written_name(id, path, file_id) VALUES(1, ?1, ?2)"
      " ON CONFLICT(id) DO UPDATE SET path = excluded.path",
      name.string(), random_id());
  transaction.commit();
  if (!move_commits_into_main_file(database, "TRUNCATE")) throw_held(name);
}

std::string read_file_id(Database& database) {
  Statement statement = database.query("SELECT file_id FROM written_name");
  return statement.step() ? statement.text(0) : "";
}

void write_file_id(Database& database, const std::string& id) {
  Transaction transaction(database);
  database.run("UPDATE written_name SET file_id = ?1", id);
  transaction.commit();
}

}  // namespace

std::optional<fs::path> stored_name(const fs::path& database) {
  const auto path = stored_text(database, "SELECT path FROM written_name");
  return path && !path->empty() ? std::optional<fs::path>(*path) : std::nullopt;
}

std::optional<std::string> stored_file_id(const fs::path& database) {
  return stored_text(database, "SELECT file_id FROM written_name");
}

void require_usable_name(const fs::path& database, bool being_written) {
  refuse_rest_of_another_file(database, "-wal", "results");
  refuse_rest_of_another_file(database, "-journal", "an unfinished commit");
  const auto name = stored_name(database);
  if (!name || *name == database || is_same_entry(*name, database)) return;
  const auto named_file = identity_of(*name);
  // A copy, or a file that was moved and has a successor: the files beside that name belong to that other file.
  if (named_file && named_file != identity_of(database)) return;
  if (named_file && being_written)
    throw DatabaseError("database " + visible_name(database.string()) + " is being written under the name " +
                        visible_name(name->string()) + "; use --db with that name");
  for (const char* suffix : {"-wal", "-journal"}) refuse_newest_beside(*name, database, suffix);
}

void take_name(const fs::path& database) {
  const auto name = stored_name(database);
  if (!name || *name == database) return;
  Database writer(database, Database::Access::read_write);
  // A reader under the other name would not see what is written under this one: so the file must be nobody else's.
  if (identity_of(*name) == identity_of(database)) writer.run_script("PRAGMA locking_mode=EXCLUSIVE");
  identify(writer, all_migrations());
  write_name(writer, database);
}

void store_first_name(Database& database) {
  if (database.integer("SELECT count(*) FROM written_name") == 0) write_name(database, database.file());
}

FileIds renew_file_id(Database& database, const std::function<void(const FileIds&)>& tell) {
  const std::string before = read_file_id(database);
  if (move_commits_into_main_file(database, "FULL")) {
    const std::string id = random_id();
    tell({before, id});
    write_file_id(database, id);
    move_commits_into_main_file(database, "FULL");
  }
  const FileIds ids{stored_file_id(database.file()).value_or(before), read_file_id(database)};
  tell(ids);
  return ids;
}

}  // namespace qeval
