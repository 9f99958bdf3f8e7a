#include "storage/run_seal.h"

#include <string>
#include <vector>

#include "pipeline/base/sha256.h"

namespace qeval {

namespace {

/// Columns as of schema version 9. What is added later joins with a migration that seals anew.
constexpr std::string_view sealed_columns =
    "id, name, state, job_id, overrides_json, variant, model_id, dataset_id, recipe_id, encoding_set_id, precision, "
    "executor,"
    " mode, device, batch_size, top1, top1_low, top1_high, top5, n_total, n_done, n_failed, n_correct1, n_correct5, "
    "active_s,"
    " eval_key, tool_version, exit_code, error, created_at, finished_at, repeats, rows_check";

std::string select_runs(std::string_view tail) {
  return std::string("SELECT ").append(sealed_columns).append(", row_sha256 FROM run").append(tail);
}

/// Of the row that the statement stands on; its last column is the stored digest.
std::string digest(const Statement& row) {
  Sha256 hash;
  for (int column = 0; column + 1 < row.columns(); ++column) {
    hash.add(std::int64_t{row.is_null(column)});
    if (row.is_real(column)) {
      hash.add(row.real(column));  // as text it would be rounded
    } else {
      hash.add(row.text(column));
    }
  }
  return hash.hex();
}

}  // namespace

void seal_run(Database& database, std::int64_t run_id) {
  std::string sha256;
  {
    Statement row = database.query(select_runs(" WHERE id = ?1"), run_id);
    if (!row.step()) throw InternalError("no run with id " + std::to_string(run_id));
    sha256 = digest(row);
  }
  database.run("UPDATE run SET row_sha256 = ?2 WHERE id = ?1", run_id, sha256);
}

void require_sealed_runs(Database& database) {
  Statement row = database.query(select_runs(""));
  while (row.step()) {
    if (row.required_text(row.columns() - 1) != digest(row))
      database.raise_damage("the row of a run is not as it was written");
  }
}

}  // namespace qeval
