#include "storage/encoding_rows.h"

#include <limits>

#include "pipeline/base/sha256.h"
#include "storage/identity_rows.h"
#include "storage/process_info.h"

namespace qeval {

namespace {

/// SQLite has no NaN: it is stored as NULL.
double read_real(const Statement& statement, int column) {
  return statement.is_null(column) ? std::numeric_limits<double>::quiet_NaN() : statement.real(column);
}

bool is_role(const std::string& word) { return word == "param" || word == "input" || word == "output"; }

/// "8x4x1x1": sizes that fit, or empty.
bool is_grid(const std::string& text) {
  std::size_t digits = 0;
  for (const char c : text) {
    if (c == 'x' ? digits == 0 : c < '0' || c > '9' || digits > 17) return false;
    digits = c == 'x' ? 0 : digits + 1;
  }
  return text.empty() || digits > 0;
}

void insert_encoding(Database& database, std::int64_t set_id, const EncodingRecord& row) {
  database.run(
      "INSERT INTO encoding(set_id, role, tensor, channel, layer, bitwidth, is_symmetric, min, max, scale, \"offset\", "
      "axis,"
      " block_size, grid)"
      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
      set_id, row.role, row.tensor, row.channel, row.layer, row.bits, row.symmetric, row.min, row.max, row.scale,
      row.offset, row.axis, row.block_size, row.grid);
}

std::string digest(const std::vector<EncodingRecord>& rows) {
  Sha256 hash;
  for (const EncodingRecord& row : rows) {
    hash.add(row.role).add(row.tensor).add(row.layer).add(std::int64_t{row.channel}).add(std::int64_t{row.bits});
    hash.add(std::int64_t{row.symmetric}).add(row.min).add(row.max).add(row.scale).add(row.offset);
    hash.add(std::int64_t{row.axis}).add(std::int64_t{row.block_size}).add(row.grid);
  }
  return hash.hex();
}

std::string digest(std::int64_t batches_done, const std::vector<std::vector<std::uint8_t>>& states) {
  Sha256 hash;
  hash.add(batches_done);
  for (const auto& state : states)
    hash.add(std::string_view(reinterpret_cast<const char*>(state.data()), state.size()));
  return hash.hex();
}

/// Of what was just stored, as it is read back.
void seal_encodings(Database& database, std::int64_t set_id) {
  const std::string sha256 = digest(read_encodings(database, set_id));
  database.run("UPDATE encoding_set SET content_sha256 = ?2 WHERE id = ?1", set_id, sha256);
}

void require_sealed(Database& database, std::int64_t set_id, const std::vector<EncodingRecord>& rows) {
  Statement set = database.query("SELECT content_sha256 FROM encoding_set WHERE id = ?1", set_id);
  if (set.step() && !set.is_null(0) && set.required_text(0) != digest(rows))
    database.raise_damage("encodings are not as they were stored");
}

}  // namespace

std::optional<std::int64_t> find_encoding_set_id(Database& database, const std::string& cache_key) {
  Statement statement = database.query("SELECT id FROM encoding_set WHERE cache_key = ?1", cache_key);
  return statement.step() ? std::optional(statement.integer(0)) : std::nullopt;
}

std::vector<EncodingRecord> read_encodings(Database& database, std::int64_t set_id) {
  std::vector<EncodingRecord> rows;
  Statement statement = database.query(
      "SELECT role, tensor, layer, channel, bitwidth, is_symmetric, min, max, scale, \"offset\", axis, block_size, grid"
      " FROM encoding WHERE set_id = ?1 ORDER BY role, tensor, channel",
      set_id);
  while (statement.step()) {
    EncodingRecord row;
    row.role = statement.required_text(0);
    row.tensor = statement.required_text(1);
    row.layer = statement.required_text(2);
    row.channel = statement.small_integer(3);
    row.bits = statement.small_integer(4);
    row.symmetric = statement.integer(5) != 0;
    row.min = read_real(statement, 6);
    row.max = read_real(statement, 7);
    row.scale = read_real(statement, 8);
    row.offset = read_real(statement, 9);
    row.axis = statement.small_integer(10);
    row.block_size = statement.small_integer(11);
    row.grid = statement.required_text(12);
    if (!is_role(row.role) || !is_grid(row.grid)) database.raise_damage("an encoding of " + row.tensor);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<EncodingRecord> read_run_encodings(Database& database, std::int64_t run_id) {
  // A run without a set gives 0, which no set has.
  const std::int64_t set_id = database.integer("SELECT encoding_set_id FROM run WHERE id = ?1", run_id);
  auto rows = read_encodings(database, set_id);
  require_sealed(database, set_id, rows);
  return rows;
}

std::vector<EncodingSetSummary> read_encoding_sets(Database& database) {
  std::vector<EncodingSetSummary> sets;
  Statement statement = database.query(
      "SELECT s.id, s.name, s.origin, s.mode, s.source_path, s.created_at, s.n_calibration,"
      " (SELECT count(*) FROM encoding e WHERE e.set_id = s.id),"
      " (SELECT count(*) FROM (SELECT DISTINCT role, tensor FROM encoding e WHERE e.set_id = s.id)),"
      " (SELECT count(*) FROM run r WHERE r.encoding_set_id = s.id) FROM encoding_set s ORDER BY s.id");
  while (statement.step()) {
    EncodingSetSummary set;
    set.id = statement.integer(0);
    set.name = statement.required_text(1);
    set.origin = statement.required_text(2);
    set.mode = statement.required_text(3);
    set.source_path = statement.required_text(4);
    set.created_at = statement.required_text(5);
    set.calibration_images = statement.integer(6);
    set.encodings = statement.integer(7);
    set.quantizers = statement.integer(8);
    set.runs = statement.integer(9);
    require_sealed(database, set.id, read_encodings(database, set.id));
    sets.push_back(std::move(set));
  }
  return sets;
}

EncodingSetRecord read_encoding_set(Database& database, std::int64_t set_id) {
  EncodingSetRecord set;
  Statement statement = database.query(
      "SELECT name, cache_key, origin, mode, source_path, n_calibration FROM encoding_set WHERE id = ?1", set_id);
  if (!statement.step()) throw InternalError("no encoding set with id " + std::to_string(set_id));
  set.name = statement.required_text(0);
  set.cache_key = statement.required_text(1);
  set.origin = statement.required_text(2);
  set.mode = statement.required_text(3);
  set.source_path = statement.required_text(4);
  set.calibration_images = statement.integer(5);
  set.key_components = read_key_components(database, set.cache_key);
  set.encodings = read_encodings(database, set_id);
  require_sealed(database, set_id, set.encodings);
  return set;
}

std::optional<EncodingSetRecord> read_run_encoding_set(Database& database, std::int64_t run_id) {
  const std::int64_t set_id = database.integer("SELECT encoding_set_id FROM run WHERE id = ?1", run_id);
  return set_id == 0 ? std::nullopt : std::optional(read_encoding_set(database, set_id));
}

std::int64_t save_encoding_set(Database& database, const EncodingSetRecord& set) {
  Transaction transaction(database);
  // Its states go with it (ON DELETE CASCADE).
  database.run("DELETE FROM calibration_progress WHERE cache_key = ?1", set.cache_key);
  std::optional<std::int64_t> id = find_encoding_set_id(database, set.cache_key);
  if (!id) {
    database.run(
        "INSERT INTO encoding_set(name, cache_key, origin, mode, source_path, n_calibration, created_at)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        set.name, set.cache_key, set.origin, set.mode, set.source_path, set.calibration_images, utc_now());
    id = database.last_insert_id();
    for (const EncodingRecord& row : set.encodings) insert_encoding(database, *id, row);
    seal_encodings(database, *id);
    store_key_components(database, set.cache_key, set.key_components);
  }
  transaction.commit();
  return *id;
}

void save_calibration_progress(Database& database, const std::string& cache_key, std::int64_t batches_done,
                               const std::vector<std::vector<std::uint8_t>>& states) {
  Transaction transaction(database);
  database.run(
      "INSERT INTO calibration_progress(cache_key, batches_done, updated_at, states_sha256) VALUES(?1, ?2, ?3, ?4)"
      " ON CONFLICT(cache_key) DO UPDATE SET batches_done = excluded.batches_done, updated_at = excluded.updated_at,"
      " states_sha256 = excluded.states_sha256",
      cache_key, batches_done, utc_now(), digest(batches_done, states));
  std::int64_t quantizer = 0;
  for (const std::vector<std::uint8_t>& state : states) {
    database.run(
        "INSERT INTO calibration_state(cache_key, quantizer, state) VALUES(?1, ?2, ?3) ON CONFLICT(cache_key, "
        "quantizer)"
        " DO UPDATE SET state = excluded.state",
        cache_key, quantizer++, std::span<const std::uint8_t>(state));
  }
  database.run("DELETE FROM calibration_state WHERE cache_key = ?1 AND quantizer >= ?2", cache_key, quantizer);
  transaction.commit();
}

std::int64_t read_calibration_batches_done(Database& database, const std::string& cache_key) {
  return database.integer("SELECT batches_done FROM calibration_progress WHERE cache_key = ?1", cache_key);
}

CalibrationProgress read_calibration_progress(Database& database, const std::string& cache_key) {
  CalibrationProgress progress;
  progress.batches_done = read_calibration_batches_done(database, cache_key);
  Statement statement =
      database.query("SELECT state FROM calibration_state WHERE cache_key = ?1 ORDER BY quantizer", cache_key);
  while (statement.step()) progress.states.push_back(statement.blob(0));
  Statement seal = database.query("SELECT states_sha256 FROM calibration_progress WHERE cache_key = ?1", cache_key);
  if (seal.step() && !seal.is_null(0) && seal.required_text(0) != digest(progress.batches_done, progress.states))
    database.raise_damage("the state of a calibration is not as it was stored");
  return progress;
}

}  // namespace qeval
