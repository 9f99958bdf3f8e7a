#include "storage/sensitivity_rows.h"

#include <iterator>
#include <limits>

#include "storage/identity_rows.h"
#include "storage/process_info.h"

namespace qeval {
namespace {

/// SQLite has no NaN: it is stored as NULL.
double read_real(const Statement& statement, int column) {
  return statement.is_null(column) ? std::numeric_limits<double>::quiet_NaN() : statement.real(column);
}

void insert_group(Database& database, std::int64_t id, std::int64_t number, const SensitivityGroupRecord& group) {
  database.run("INSERT INTO sensitivity_group(sensitivity_id, number, layer, kind) VALUES(?1, ?2, ?3, ?4)", id, number,
               group.layer, group.kind);
  std::int64_t position = 0;
  for (const std::string& layer : group.shared_with)
    database.run("INSERT INTO sensitivity_shared_layer(sensitivity_id, number, position, layer) VALUES(?1, ?2, ?3, ?4)",
                 id, number, position++, layer);
}

std::vector<std::string> read_shared_layers(Database& database, std::int64_t id, std::int64_t number) {
  std::vector<std::string> layers;
  Statement row = database.query(
      "SELECT layer FROM sensitivity_shared_layer WHERE sensitivity_id = ?1 AND number = ?2 ORDER BY position", id,
      number);
  while (row.step()) layers.push_back(row.required_text(0));
  return layers;
}

std::vector<SensitivityGroupRecord> read_groups(Database& database, std::int64_t id) {
  std::vector<SensitivityGroupRecord> groups;
  Statement row =
      database.query("SELECT number, layer, kind FROM sensitivity_group WHERE sensitivity_id = ?1 ORDER BY number", id);
  while (row.step())
    groups.push_back({row.required_text(1), row.required_text(2), read_shared_layers(database, id, row.integer(0))});
  return groups;
}

SensitivityRecord read_record(Database& database, const Statement& row) {
  SensitivityRecord record;
  int column = 1;
  for (std::string* text : {&record.cache_key, &record.job_name, &record.variant, &record.arch, &record.mode})
    *text = row.required_text(column++);
  record.n_images = row.integer(column++);
  record.batch_size = row.small_integer(column);
  record.key_components = read_key_components(database, record.cache_key);
  record.groups = read_groups(database, row.integer(0));
  return record;
}

}  // namespace

std::int64_t open_sensitivity(Database& database, const SensitivityRecord& record) {
  Transaction transaction(database);
  std::int64_t id = database.integer("SELECT id FROM sensitivity WHERE cache_key = ?1", record.cache_key);
  if (id == 0) {
    database.run(
        "INSERT INTO sensitivity(cache_key, job_name, variant, arch, mode, n_images, batch_size, created_at)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        record.cache_key, record.job_name, record.variant, record.arch, record.mode, record.n_images, record.batch_size,
        utc_now());
    id = database.last_insert_id();
    for (std::size_t number = 0; number < record.groups.size(); ++number)
      insert_group(database, id, static_cast<std::int64_t>(number), record.groups[number]);
    store_key_components(database, record.cache_key, record.key_components);
  }
  transaction.commit();
  return id;
}

void insert_sensitivity_parts(Database& database, std::int64_t id, std::int64_t batch_number,
                              std::span<const SensitivityRow> parts) {
  Transaction transaction(database);
  if (database.integer("SELECT count(*) FROM sensitivity_part WHERE sensitivity_id = ?1 AND batch_number = ?2", id,
                       batch_number) != 0)
    throw InternalError("batch " + std::to_string(batch_number) + " of the sensitivity analysis was committed before");
  std::int64_t number = 0;
  for (const SensitivityRow& part : parts)
    database.run(
        "INSERT INTO sensitivity_part(sensitivity_id, batch_number, number, n_images, n_correct1, n_broke, n_fixed,"
        " divergence, change, change_squares, signal, local_noise, cumulative_noise)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        id, batch_number, number++, part.images, part.correct, part.broke, part.fixed, part.divergence, part.change,
        part.change_squares, part.signal, part.local_noise, part.cumulative_noise);
  transaction.commit();
}

std::vector<std::int64_t> read_sensitivity_batches(Database& database, std::int64_t id) {
  std::vector<std::int64_t> batches;
  Statement statement = database.query(
      "SELECT DISTINCT batch_number FROM sensitivity_part WHERE sensitivity_id = ?1 ORDER BY batch_number", id);
  while (statement.step()) batches.push_back(statement.integer(0));
  return batches;
}

std::vector<SensitivityRow> read_sensitivity_sums(Database& database, std::int64_t id) {
  const auto groups = static_cast<std::size_t>(
      database.integer("SELECT count(*) FROM sensitivity_group WHERE sensitivity_id = ?1", id));
  const auto parts =
      static_cast<std::size_t>(database.integer("SELECT count(*) FROM sensitivity_part WHERE sensitivity_id = ?1", id));
  if (parts != groups * read_sensitivity_batches(database, id).size())
    database.raise_damage("a batch of a sensitivity analysis does not have all its parts");
  std::vector<SensitivityRow> sums(parts == 0 ? 0 : groups);
  Statement statement = database.query(
      "SELECT number, n_images, n_correct1, n_broke, n_fixed, divergence, change, change_squares, signal, local_noise,"
      " cumulative_noise FROM sensitivity_part WHERE sensitivity_id = ?1 ORDER BY batch_number, number",
      id);
  while (statement.step()) {
    const auto number = static_cast<std::size_t>(statement.integer(0));
    if (number >= sums.size()) database.raise_damage("a part of a sensitivity analysis belongs to no group");
    SensitivityRow& sum = sums[number];
    int column = 1;
    for (std::int64_t* count : {&sum.images, &sum.correct, &sum.broke, &sum.fixed})
      *count += statement.integer(column++);
    for (double* value :
         {&sum.divergence, &sum.change, &sum.change_squares, &sum.signal, &sum.local_noise, &sum.cumulative_noise})
      *value += read_real(statement, column++);
  }
  return sums;
}

std::vector<StoredSensitivity> read_sensitivities(Database& database) {
  std::vector<StoredSensitivity> analyses;
  Statement row = database.query(
      "SELECT id, cache_key, job_name, variant, arch, mode, n_images, batch_size FROM sensitivity ORDER BY id");
  while (row.step()) {
    const std::int64_t id = row.integer(0);
    analyses.push_back({id, read_record(database, row), std::ssize(read_sensitivity_batches(database, id))});
  }
  return analyses;
}

}  // namespace qeval
