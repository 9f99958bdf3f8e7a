#include "storage/run_rows.h"

#include "storage/identity_rows.h"

namespace qeval {

namespace {

constexpr std::string_view select_run =
    "SELECT r.id, r.name, r.state, j.name, r.variant, m.arch, d.name, r.precision, r.executor, r.mode, r.device, "
    "r.tags,"
    " r.eval_key, r.n_total, r.n_done, r.n_failed, r.n_correct1, r.n_correct5, r.batch_size, r.active_s, r.created_at,"
    " r.finished_at, r.error, j.resolved_json, j.source_path, r.overrides_json, j.source_text, j.sha256,"
    " r.repeats, (SELECT o.name FROM run o WHERE o.id = r.repeats), r.tool_version"
    " FROM run r JOIN job j ON j.id = r.job_id JOIN model m ON m.id = r.model_id JOIN dataset d ON d.id = "
    "r.dataset_id ";

std::string select_run_where(std::string_view tail) { return std::string(select_run).append(tail); }

/// A job is resumed as it is stored.
void require_whole_job(const Database& database, const Statement& statement, int column, const RunRecord& run) {
  const JobRecord job{run.job_name, run.job_path, statement.required_text(column), run.resolved_json};
  if (job_sha256(job) != statement.required_text(column + 1))
    database.raise_damage("the job of run " + run.name + " is not as it was stored");
}

RunRecord read_row(Database& database, const Statement& statement) {
  RunRecord run;
  int column = 0;
  run.id = statement.integer(column++);
  run.name = statement.required_text(column++);
  const auto state = run_state_of(statement.required_text(column++));
  if (!state) database.raise_damage("run " + run.name + " is in no state that there is");
  run.state = *state;
  for (std::string* text : {&run.job_name, &run.variant, &run.arch, &run.dataset, &run.precision, &run.executor,
                            &run.mode, &run.device, &run.tags, &run.eval_key}) {
    *text = statement.required_text(column++);
  }
  for (std::int64_t* count : {&run.n_total, &run.n_done, &run.n_failed, &run.n_correct1, &run.n_correct5}) {
    *count = statement.integer(column++);
  }
  run.batch_size = statement.small_integer(column++);
  run.active_s = statement.real(column++);
  for (std::string* text :
       {&run.created_at, &run.finished_at, &run.error, &run.resolved_json, &run.job_path, &run.overrides_json}) {
    *text = statement.optional_text(column++);
  }
  require_whole_job(database, statement, column, run);
  column += 2;
  if (!statement.is_null(column)) {
    run.repeats = statement.integer(column);
    run.repeats_name = statement.required_text(column + 1);
  }
  run.tool_version = statement.required_text(column + 2);
  run.key_components = read_key_components(database, run.eval_key);
  return run;
}

}  // namespace

RunRecord read_run(Database& database, std::int64_t run_id) {
  Statement statement = database.query(select_run_where("WHERE r.id = ?1"), run_id);
  if (!statement.step()) throw InternalError("no run with id " + std::to_string(run_id));
  return read_row(database, statement);
}

std::vector<RunRecord> read_runs(Database& database) {
  std::vector<RunRecord> runs;
  Statement statement = database.query(select_run_where("ORDER BY r.id DESC"));
  while (statement.step()) runs.push_back(read_row(database, statement));
  return runs;
}

std::optional<RunRecord> read_run_by_key(Database& database, const std::string& eval_key) {
  Statement statement = database.query(
      select_run_where("WHERE r.eval_key = ?1 ORDER BY r.state IN ('done', 'gate_failed') DESC, r.id DESC LIMIT 1"),
      eval_key);
  return statement.step() ? std::optional(read_row(database, statement)) : std::nullopt;
}

std::optional<RunRecord> read_newest_run(Database& database, const std::string& eval_key) {
  Statement statement = database.query(select_run_where("WHERE r.eval_key = ?1 ORDER BY r.id DESC LIMIT 1"), eval_key);
  return statement.step() ? std::optional(read_row(database, statement)) : std::nullopt;
}

}  // namespace qeval
