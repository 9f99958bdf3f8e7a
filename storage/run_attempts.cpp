#include "storage/run_attempts.h"

#include "storage/process_info.h"
#include "storage/run_metrics.h"
#include "storage/run_seal.h"

namespace qeval {

namespace {

void update_active_time(Database& database, std::int64_t run_id) {
  database.run(
      "UPDATE run SET active_s = (SELECT ifnull(sum(active_s), 0) FROM run_attempt WHERE run_id = ?1) WHERE id = ?1",
      run_id);
}

/// A killed process leaves no end time: the last thing known of it is its last commit.
void close_killed_attempts(Database& database, std::int64_t run_id) {
  database.run(
      "UPDATE run_attempt AS a SET end_reason = 'killed',"
      " to_done = (SELECT n_done FROM run WHERE id = a.run_id),"
      " ended_at = max(a.started_at, ifnull((SELECT max(committed_at) FROM batch_done WHERE run_id = a.run_id), ''))"
      " WHERE a.run_id = ?1 AND a.ended_at IS NULL",
      run_id);
  database.run(
      "UPDATE run_attempt SET active_s = (julianday(ended_at) - julianday(started_at)) * 86400"
      " WHERE run_id = ?1 AND end_reason = 'killed' AND active_s IS NULL",
      run_id);
  update_active_time(database, run_id);
}

}  // namespace

std::vector<std::int64_t> running_runs(Database& database) {
  std::vector<std::int64_t> ids;
  Statement statement = database.query("SELECT id FROM run WHERE state = 'running'");
  while (statement.step()) ids.push_back(statement.integer(0));
  return ids;
}

void close_abandoned_run(Database& database, std::int64_t run_id) {
  Transaction transaction(database);
  close_killed_attempts(database, run_id);
  update_metrics(database, run_id);
  database.run("UPDATE run SET state = 'interrupted' WHERE id = ?1", run_id);
  seal_run(database, run_id);
  transaction.commit();
}

std::int64_t begin_attempt(Database& database, std::int64_t run_id, const std::string& device) {
  const ProcessInfo self = this_process();
  Transaction transaction(database);
  close_killed_attempts(database, run_id);
  database.run(
      "INSERT INTO run_attempt(run_id, attempt, started_at, host, pid, device, from_done, argv)"
      " SELECT ?1, 1 + (SELECT count(*) FROM run_attempt WHERE run_id = ?1), ?2, ?3, ?4, ?5,"
      " (SELECT n_done FROM run WHERE id = ?1), ?6",
      run_id, utc_now(), self.host, self.pid, device, self.command);
  const std::int64_t attempt_id = database.last_insert_id();
  database.run("UPDATE run SET state = 'running', error = NULL, exit_code = NULL, finished_at = NULL WHERE id = ?1",
               run_id);
  seal_run(database, run_id);
  transaction.commit();
  return attempt_id;
}

void advance_attempt(Database& database, std::int64_t run_id, const std::string& now) {
  database.run(
      "UPDATE run_attempt SET active_s = max(0, julianday(?2) - julianday(started_at)) * 86400,"
      " to_done = (SELECT n_done FROM run WHERE id = ?1) WHERE run_id = ?1 AND ended_at IS NULL",
      run_id, now);
  update_active_time(database, run_id);
}

void finish_attempt(Database& database, std::int64_t run_id, std::int64_t attempt_id, RunState state, double active_s,
                    const std::string& error, int exit_code) {
  const std::string word = run_state_word(state);
  const std::string now = utc_now();
  const auto error_or_null = error.empty() ? std::nullopt : std::optional<std::string_view>(error);
  Transaction transaction(database);
  const std::int64_t closed = database.integer(
      "UPDATE run_attempt SET ended_at = ?3, active_s = ?4, end_reason = ?5, to_done = (SELECT n_done FROM run WHERE "
      "id = ?2)"
      " WHERE id = ?1 AND run_id = ?2 AND ended_at IS NULL RETURNING id",
      attempt_id, run_id, now, active_s, word);
  if (closed == 0) throw InternalError("attempt " + std::to_string(attempt_id) + " is not open");
  update_active_time(database, run_id);
  update_metrics(database, run_id);
  database.run("UPDATE run SET state = ?2, error = ?3, exit_code = ?4, finished_at = ?5 WHERE id = ?1", run_id, word,
               error_or_null, exit_code, now);
  seal_run(database, run_id);
  transaction.commit();
}

}  // namespace qeval
