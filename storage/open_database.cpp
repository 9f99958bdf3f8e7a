#include "storage/open_database.h"

#include "pipeline/base/visible_text.h"
#include "storage/database_descriptor.h"
#include "storage/file_system.h"
#include "storage/migrations.h"
#include "storage/soundness.h"
#include "storage/written_name.h"

namespace qeval {

namespace {

namespace fs = std::filesystem;

void refuse_non_file(const fs::path& file) {
  std::error_code ignored;
  if (fs::exists(file, ignored) && !fs::is_regular_file(file, ignored)) {
    throw DatabaseError("database " + visible_name(file.string()) + " is not a file; name a file with --db");
  }
}

void set_journal(Database& database, JournalPolicy policy) {
  const std::string wanted = policy == JournalPolicy::wal ? "wal" : "truncate";
  std::string mode;
  {
    Statement statement = database.query("PRAGMA journal_mode=" + wanted);
    if (statement.step()) mode = statement.text(0);
  }
  if (mode != wanted) {
    throw DatabaseError("database " + visible_name(database.file().string()) + " cannot use journal mode " + wanted +
                        " (it stays " + mode + "); put it on another disk with --db");
  }
  database.run_script("PRAGMA synchronous=FULL");
}

std::unique_ptr<Database> try_reading(const fs::path& file, Database::Access access) {
  auto database = std::make_unique<Database>(file, access);
  const int version = identify(*database, all_migrations());
  if (version == 0)
    throw DatabaseError("database " + visible_name(file.string()) +
                        " holds no results yet; `qeval run JOB` writes some");
  if (version < all_migrations().back().version) {
    throw DatabaseError("database " + visible_name(file.string()) + " is from an older qeval (schema version " +
                        std::to_string(version) + "); the next `qeval run` brings it up to date");
  }
  return database;
}

/// Without a -wal file everything is in the main file; without a writer it stays that way.
bool can_be_immutable(const fs::path& file, const LockProbe& writer) {
  std::error_code absent;
  const auto wal_bytes = fs::file_size(file.string() + "-wal", absent);
  return (absent || wal_bytes == 0) && !writer.is_held();
}

std::unique_ptr<Database> open_readable(const fs::path& file, const LockProbe& writer) {
  try {
    return try_reading(file, Database::Access::read_only);
  } catch (const NotAccessible&) {
    // WAL needs a -shm file; in a folder that cannot be written to there is none.
    if (!can_be_immutable(file, writer)) throw;
  }
  return try_reading(file, Database::Access::immutable);
}

}  // namespace

JournalPolicy journal_policy_for(const fs::path& file) {
  return is_on_network_file_system(file.parent_path()) ? JournalPolicy::exclusive_rollback : JournalPolicy::wal;
}

fs::path prepare_location(const fs::path& file) {
  std::error_code error;
  const fs::path location = fs::weakly_canonical(fs::absolute(file), error);
  if (error) throw DatabaseError("database " + visible_name(file.string()) + ": " + error.message());
  fs::create_directories(location.parent_path(), error);
  if (error) {
    throw DatabaseError("cannot create the folder " + visible_name(location.parent_path().string()) + ": " +
                        error.message() + "; name another with --db");
  }
  refuse_non_file(location);
  // A link to a file that is not there yet leads to its name only once it is.
  const DatabaseDescriptor created(location, DatabaseDescriptor::Missing::create);
  return fs::canonical(location);
}

std::unique_ptr<Database> open_for_writing(const fs::path& file, JournalPolicy policy) {
  require_usable_name(file, false);
  take_name(file);
  auto database = std::make_unique<Database>(file, Database::Access::read_write);
  // Before the first read: a file in WAL mode is then opened without shared memory.
  if (policy == JournalPolicy::exclusive_rollback) database->run_script("PRAGMA locking_mode=EXCLUSIVE");
  identify(*database, all_migrations());
  if (database->is_read_only()) {
    throw DatabaseError("database " + visible_name(file.string()) + " is read-only; make it writable, or use --db");
  }
  // Before the journal is set: a new file then has its name in the main file when its -wal file comes into being.
  migrate(*database, all_migrations());
  store_first_name(*database);
  set_journal(*database, policy);
  require_sound_directory(*database);
  return database;
}

ReadableDatabase open_for_reading(const fs::path& file) {
  std::error_code error;
  const fs::path location = fs::weakly_canonical(fs::absolute(file), error);
  if (error || !fs::exists(location, error)) {
    throw DatabaseError("no results database at " + visible_name(file.string()) +
                        "; `qeval run JOB` creates it, or name one with --db");
  }
  refuse_non_file(location);
  auto writer = std::make_unique<LockProbe>(location);
  require_usable_name(location, writer->is_held());
  auto database = open_readable(location, *writer);
  // From here on no writer takes another name; one may have just before.
  require_usable_name(location, writer->is_held());
  require_sound_directory(*database);
  return {std::move(writer), std::move(database)};
}

}  // namespace qeval
