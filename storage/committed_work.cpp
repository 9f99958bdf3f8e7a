#include "storage/committed_work.h"

namespace qeval {

CommittedWork read_committed_work(Database& database, std::int64_t run_id) {
  CommittedWork work;
  std::string began;
  {
    Statement attempt = database.query(
        "SELECT attempt, started_at FROM run_attempt WHERE run_id = ?1 ORDER BY attempt DESC LIMIT 1", run_id);
    if (!attempt.step()) return work;
    work.attempt = attempt.integer(0);
    began = attempt.required_text(1);
  }
  // What the first commit holds was begun before it, so only those behind it have a time.
  Statement commits = database.query(
      "SELECT max(committed_at), ifnull(sum(n_rows), 0) - ifnull((SELECT n_rows FROM batch_done WHERE run_id = ?1 AND "
      "committed_at >= ?2 ORDER BY committed_at, batch_number LIMIT 1), 0),"
      " ifnull((julianday(max(committed_at)) - julianday(min(committed_at))) * 86400, 0)"
      " FROM batch_done WHERE run_id = ?1 AND committed_at >= ?2",
      run_id, began);
  commits.step_to_row();
  work.last_commit = commits.optional_text(0);
  work.images = commits.integer(1);
  work.seconds = commits.real(2);
  return work;
}

}  // namespace qeval
