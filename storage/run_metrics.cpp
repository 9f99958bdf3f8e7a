#include "storage/run_metrics.h"

#include <optional>

#include "storage/prediction_rows.h"
#include "storage/wilson.h"

namespace qeval {

PredictionCounts read_counts(Database& database, std::int64_t run_id) {
  Statement statement =
      database.query("SELECT n_done, n_failed, n_correct1, n_correct5, rows_check FROM run WHERE id = ?1", run_id);
  if (!statement.step()) throw InternalError("no run with id " + std::to_string(run_id));
  return {statement.integer(0), statement.integer(1), statement.integer(2), statement.integer(3), statement.integer(4)};
}

namespace {

void write_metrics(Database& database, std::int64_t run_id, const PredictionCounts& counts) {
  std::optional<double> top1, top5;
  std::optional<Interval> interval;
  if (counts.done > 0) {
    const auto done = static_cast<double>(counts.done);
    top1 = static_cast<double>(counts.correct1) / done;
    top5 = static_cast<double>(counts.correct5) / done;
    interval = wilson_interval(counts.correct1, counts.done);
  }
  database.run(
      "UPDATE run SET n_done = ?2, n_failed = ?3, n_correct1 = ?4, n_correct5 = ?5, top1 = ?6, top1_low = ?7, "
      "top1_high = ?8,"
      " top5 = ?9, rows_check = ?10 WHERE id = ?1",
      run_id, counts.done, counts.failed, counts.correct1, counts.correct5, top1,
      interval ? std::optional(interval->low) : std::nullopt, interval ? std::optional(interval->high) : std::nullopt,
      top5, counts.check);
}

}  // namespace

void update_metrics(Database& database, std::int64_t run_id) {
  write_metrics(database, run_id, count_predictions(database, run_id));
}

void add_to_metrics(Database& database, std::int64_t run_id, std::span<const PredictionRecord> batch) {
  PredictionCounts counts = read_counts(database, run_id);
  counts += counts_of(batch);
  write_metrics(database, run_id, counts);
}

}  // namespace qeval
