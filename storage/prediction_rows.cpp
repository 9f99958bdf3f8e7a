#include "storage/prediction_rows.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace qeval {

namespace {

/// −1, "no such rank", is NULL in the database.
std::optional<int> rank(int class_index) { return class_index < 0 ? std::nullopt : std::optional(class_index); }

int read_rank(const Statement& statement, int column) { return statement.optional_small_integer(column).value_or(-1); }

/// NULL: nothing was computed (a failed image), or it was NaN.
double read_probability(const Statement& statement, int column, bool ok) {
  return statement.optional_real(column).value_or(ok ? std::numeric_limits<double>::quiet_NaN() : 0.0);
}

/// As it is read back: SQLite has neither NaN nor a negative zero, and nothing was computed for a failed image.
double as_stored(double value, const PredictionRecord& row) {
  if (!row.is_answered()) return 0;
  return std::isnan(value) ? std::numeric_limits<double>::quiet_NaN() : value + 0.0;
}

std::int64_t check_of(const PredictionRecord& row, Sha256& hash) {
  hash.add(row.ordinal).add(std::int64_t{row.label});
  for (const int top : row.top) hash.add(std::int64_t{top});
  hash.add(as_stored(row.probability, row)).add(as_stored(row.margin, row)).add(row.status).add(row.message);
  hash.add(std::int64_t{row.width}).add(std::int64_t{row.height}).add(std::int64_t{row.warnings});
  const Sha256Digest digest = hash.add(static_cast<std::int64_t>(row.xxh64)).digest();
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < sizeof bits; ++i) bits = bits << 8 | digest[i];
  return static_cast<std::int64_t>(bits);
}

PredictionRecord read_row(const Statement& statement) {
  PredictionRecord row;
  row.ordinal = statement.integer(0);
  row.label = statement.small_integer(1);
  for (int k = 0; k < 5; ++k) row.top[static_cast<std::size_t>(k)] = read_rank(statement, 2 + k);
  row.status = statement.required_text(9);
  row.probability = read_probability(statement, 7, row.is_answered());
  row.margin = read_probability(statement, 8, row.is_answered());
  row.message = statement.optional_text(10);
  row.width = statement.small_integer(11);
  row.height = statement.small_integer(12);
  row.warnings = statement.small_integer(13);
  row.xxh64 = static_cast<std::uint64_t>(statement.integer(14));
  row.sample_id = statement.integer(15);
  return row;
}

/// What the row says of itself follows from its classes.
void require_rightness(const Database& database, const Statement& statement, const PredictionRecord& row) {
  if (statement.integer(16) != is_right(row, 1) || statement.integer(17) != is_right(row, 5))
    database.raise_damage("predictions of a run are not as they were stored");
}

}  // namespace

bool is_right(const PredictionRecord& row, std::size_t k) {
  if (!row.is_answered() || row.label < 0) return false;
  const auto end = row.top.begin() + static_cast<std::ptrdiff_t>(k);
  return std::find(row.top.begin(), end, row.label) != end;
}

PredictionCounts& PredictionCounts::operator+=(const PredictionCounts& other) {
  done += other.done;
  failed += other.failed;
  correct1 += other.correct1;
  correct5 += other.correct5;
  check ^= other.check;
  return *this;
}

void PredictionCounter::add(const PredictionRecord& row) {
  counts_ += {1, row.has_failed(), is_right(row, 1), is_right(row, 5), check_of(row, hash_)};
}

PredictionCounts counts_of(std::span<const PredictionRecord> rows) {
  PredictionCounter counter;
  for (const PredictionRecord& row : rows) counter.add(row);
  return counter.counts();
}

PredictionCounts count_predictions(Database& database, std::int64_t run_id) {
  PredictionCounter counter;
  for_each_prediction(database, run_id, [&](const PredictionRecord& row) { counter.add(row); });
  return counter.counts();
}

void insert_prediction(Database& database, std::int64_t run_id, std::int64_t dataset_id, const PredictionRecord& row) {
  const bool ok = row.is_answered();
  const auto if_ok = [ok](double value) { return ok ? std::optional(value) : std::nullopt; };
  const auto message = row.message.empty() ? std::nullopt : std::optional<std::string_view>(row.message);
  // Without such a sample the sub-select is NULL, which the primary key refuses.
  database.run(
      "INSERT INTO prediction(run_id, sample_id, label, top1, top2, top3, top4, top5, prob1, margin, correct1, "
      "correct5,"
      " status, message, width, height, warnings, xxh64) VALUES(?1, (SELECT id FROM sample WHERE dataset_id = ?2 AND"
      " ordinal = ?3), ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)",
      run_id, dataset_id, row.ordinal, row.label, rank(row.top[0]), rank(row.top[1]), rank(row.top[2]),
      rank(row.top[3]), rank(row.top[4]), if_ok(row.probability), if_ok(row.margin), is_right(row, 1), is_right(row, 5),
      row.status, message, row.width, row.height, row.warnings, row.xxh64);
}

NotFiniteRows read_not_finite(Database& database, std::int64_t run_id) {
  Statement row = database.query("SELECT count(*), max(message) FROM prediction WHERE run_id = ?1 AND status = ?2",
                                 run_id, status_not_finite);
  row.step_to_row();
  return {row.integer(0), row.optional_text(1)};
}

void for_each_prediction(Database& database, std::int64_t run_id,
                         const std::function<void(const PredictionRecord&)>& visit) {
  // A data set's samples have ids in their order, which the key has already: nothing is sorted. A row whose sample is
  // gone has no ordinal, which is damage.
  Statement statement = database.query(
      "SELECT s.ordinal, p.label, p.top1, p.top2, p.top3, p.top4, p.top5, p.prob1, p.margin, p.status, p.message, "
      "p.width,"
      " p.height, p.warnings, p.xxh64, p.sample_id, p.correct1, p.correct5 FROM prediction p LEFT JOIN sample s ON "
      "s.id = p.sample_id WHERE p.run_id = ?1"
      " ORDER BY p.sample_id",
      run_id);
  while (statement.step()) {
    const PredictionRecord row = read_row(statement);
    require_rightness(database, statement, row);
    visit(row);
  }
}

}  // namespace qeval
