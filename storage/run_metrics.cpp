#include "storage/run_metrics.h"

#include <optional>

#include "storage/records.h"
#include "storage/wilson.h"

namespace qeval {

namespace {

struct Counts {
  std::int64_t done = 0, failed = 0, correct1 = 0, correct5 = 0;
};

Counts count_rows(Database& database, std::int64_t run_id) {
  Statement statement = database.query(
      "SELECT count(*), ifnull(sum(status NOT IN ('ok', ?2)), 0), ifnull(sum(correct1), 0), ifnull(sum(correct5), 0)"
      " FROM prediction WHERE run_id = ?1",
      run_id, k_not_finite);
  statement.step();
  return {statement.integer(0), statement.integer(1), statement.integer(2), statement.integer(3)};
}

}  // namespace

void update_metrics(Database& database, std::int64_t run_id) {
  const Counts counts = count_rows(database, run_id);
  std::optional<double> top1, top5;
  std::optional<Interval> interval;
  if (counts.done > 0) {
    const auto done = static_cast<double>(counts.done);
    top1 = static_cast<double>(counts.correct1) / done;
    top5 = static_cast<double>(counts.correct5) / done;
    interval = wilson_interval(counts.correct1, counts.done);
  }
  database.run(
      "UPDATE run SET n_done = ?2, n_failed = ?3, n_correct1 = ?4, n_correct5 = ?5, top1 = ?6, top1_low = ?7, top1_high = ?8,"
      " top5 = ?9 WHERE id = ?1",
      run_id, counts.done, counts.failed, counts.correct1, counts.correct5, top1,
      interval ? std::optional(interval->low) : std::nullopt, interval ? std::optional(interval->high) : std::nullopt, top5);
}

}  // namespace qeval
