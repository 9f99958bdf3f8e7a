#include "storage/migrations.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

#include "migration_sql.h"
#include "pipeline/base/visible_text.h"
#include "storage/run_metrics.h"
#include "storage/run_seal.h"

namespace qeval {

namespace {

namespace fs = std::filesystem;

fs::path free_backup_path(const fs::path& database, int version) {
  const std::string stem = database.string() + ".v" + std::to_string(version) + ".backup";
  fs::path path = stem;
  for (int number = 2; fs::exists(path); ++number) path = stem + "-" + std::to_string(number);
  return path;
}

/// VACUUM INTO leaves its file to the page cache; the backup has to outlive a power loss during the migration.
void sync_to_disk(const fs::path& file) {
  const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = descriptor >= 0 && fsync(descriptor) == 0;
  if (descriptor >= 0) close(descriptor);
  if (!synced)
    throw RunError("cannot write the backup " + visible_name(file.string()) + "; the database was left as it is");
}

void back_up(Database& database, int version) {
  const fs::path backup = free_backup_path(database.file(), version);
  const fs::path partial = backup.string() + ".partial";
  fs::remove(partial);
  database.run("VACUUM INTO ?1", partial.string());
  sync_to_disk(partial);
  fs::rename(partial, backup);
}

void apply_steps(Database& database, std::span<const Migration> migrations, int from) {
  Transaction transaction(database);
  for (const Migration& migration : migrations) {
    if (migration.version <= from) continue;
    database.run_script(std::string(migration.sql));
    if (migration.finish) migration.finish(database);
  }
  if (database.query("PRAGMA foreign_key_check").step()) {
    throw DatabaseError("database " + visible_name(database.file().string()) +
                        ": rows refer to rows that are gone; it was left at version " + std::to_string(from));
  }
  database.run_script("PRAGMA application_id=" + std::to_string(application_id) +
                      "; PRAGMA user_version=" + std::to_string(migrations.back().version));
  transaction.commit();
}

/// Before version 9 a run's row had its figures only from the end of an attempt on, and nothing that shows damage.
void correct_and_seal_runs(Database& database) {
  std::vector<std::int64_t> ids;
  {
    Statement statement = database.query("SELECT id FROM run");
    while (statement.step()) ids.push_back(statement.integer(0));
  }
  for (const std::int64_t run_id : ids) {
    update_metrics(database, run_id);
    seal_run(database, run_id);
  }
}

}  // namespace

std::span<const Migration> all_migrations() {
  static constexpr std::array<Migration, 9> migrations{{{1, initial_schema_sql},
                                                        {2, sensitivity_sql},
                                                        {3, encoding_axis_sql},
                                                        {4, encoding_block_sql},
                                                        {5, sensitivity_sharing_sql},
                                                        {6, encoding_grid_sql},
                                                        {7, tuned_layer_sql},
                                                        {8, sample_content_sql},
                                                        {9, written_name_sql, correct_and_seal_runs}}};
  return migrations;
}

int identify(Database& database, std::span<const Migration> migrations) {
  const std::string name = "database " + visible_name(database.file().string());
  const std::int64_t id = database.integer("PRAGMA application_id");
  const std::int64_t version = database.integer("PRAGMA user_version");
  const bool empty = database.integer("SELECT count(*) FROM sqlite_schema") == 0;
  if (id == 0 && version == 0 && empty) return 0;
  if (id != application_id || version < 1) {
    throw DatabaseError(name + " belongs to another program; it was not touched. Use --db with another path");
  }
  const int newest = migrations.back().version;
  if (version > newest) {
    throw DatabaseError(name + " is from a newer qeval (schema version " + std::to_string(version) +
                        ", this one knows " + std::to_string(newest) +
                        "); it was not touched. Update qeval, or use --db");
  }
  return static_cast<int>(version);
}

void migrate(Database& database, std::span<const Migration> migrations) {
  const int from = identify(database, migrations);
  if (from == migrations.back().version) return;
  if (from > 0) back_up(database, from);
  // A step may have to rebuild a table that others refer to; apply_steps checks the references before it commits.
  database.run_script("PRAGMA foreign_keys=OFF");
  apply_steps(database, migrations, from);
  database.run_script("PRAGMA foreign_keys=ON");
}

}  // namespace qeval
