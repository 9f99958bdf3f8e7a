#include "storage/paired_rows.h"

#include <algorithm>
#include <limits>
#include <map>
#include <unordered_map>

#include "storage/records.h"

namespace qeval {

namespace {

/// As prediction_rows reads them.
Outcome read_outcome(const Statement& row) {
  Outcome outcome;
  outcome.sample_id = row.integer(0);
  outcome.label = row.small_integer(1);
  if (!row.is_null(2)) outcome.top1 = row.small_integer(2);
  outcome.right1 = row.integer(3) != 0;
  outcome.right5 = row.integer(4) != 0;
  const std::string status = row.required_text(5);
  if (status == status_not_finite) outcome.status = Outcome::Status::not_finite;
  if (status != "ok" && status != status_not_finite) outcome.status = Outcome::Status::failed;
  if (!row.is_null(6)) outcome.margin = row.real(6);
  if (row.is_null(6) && status == "ok") outcome.margin = std::numeric_limits<double>::quiet_NaN();
  return outcome;
}

/// In the order of the samples, which is that of the data set.
std::vector<Outcome> read_outcomes(Database& database, std::int64_t run_id) {
  std::vector<Outcome> outcomes;
  outcomes.reserve(static_cast<std::size_t>(database.integer("SELECT n_done FROM run WHERE id = ?1", run_id)));
  Statement row = database.query(
      "SELECT sample_id, label, top1, correct1, correct5, status, margin FROM prediction WHERE run_id = ?1"
      " ORDER BY sample_id",
      run_id);
  while (row.step()) outcomes.push_back(read_outcome(row));
  return outcomes;
}

std::int64_t dataset_of(Database& database, std::int64_t run_id) {
  return database.integer("SELECT dataset_id FROM run WHERE id = ?1", run_id);
}

struct NamedSample {
  std::int64_t id = 0;
  std::vector<std::uint8_t> sha256;  ///< empty: not known
};

/// By name; images of a list that names one twice, one behind the other.
std::multimap<std::string, NamedSample> samples_by_name(Database& database, std::int64_t dataset_id) {
  std::multimap<std::string, NamedSample> samples;
  Statement row = database.query("SELECT name, id, sha256 FROM sample WHERE dataset_id = ?1 ORDER BY id", dataset_id);
  while (row.step()) {
    NamedSample sample{row.integer(1), {}};
    if (!row.is_null(2)) sample.sha256 = row.blob(2);
    samples.emplace(row.required_text(0), std::move(sample));
  }
  return samples;
}

bool differ(const std::vector<std::uint8_t>& first, const std::vector<std::uint8_t>& second) {
  return !first.empty() && !second.empty() && first != second;
}

using Renamed = std::unordered_map<std::int64_t, std::int64_t>;

/// From the second data set's samples to the first's.
Renamed common_samples(Database& database, std::int64_t first, std::int64_t second, PairedRows& paired) {
  auto left = samples_by_name(database, first);
  Renamed renamed;
  for (const auto& [name, sample] : samples_by_name(database, second)) {
    const auto found = left.lower_bound(name);
    if (found == left.end() || found->first != name) continue;
    if (differ(found->second.sha256, sample.sha256)) {
      ++paired.other_content;
    } else {
      renamed[sample.id] = found->second.id;
    }
    left.erase(found);
  }
  return renamed;
}

/// Under the first run's ids and in their order; what has none there is counted.
void rename(std::vector<Outcome>& outcomes, const Renamed& renamed, PairedRows& paired) {
  std::vector<Outcome> known;
  for (Outcome& outcome : outcomes) {
    const auto found = renamed.find(outcome.sample_id);
    if (found == renamed.end()) {
      ++paired.only_second;
      continue;
    }
    outcome.sample_id = found->second;
    known.push_back(outcome);
  }
  std::sort(known.begin(), known.end(), [](const Outcome& a, const Outcome& b) { return a.sample_id < b.sample_id; });
  outcomes = std::move(known);
}

/// Both in the order of their ids.
void merge(const std::vector<Outcome>& first, const std::vector<Outcome>& second, PairedRows& paired) {
  auto other = second.begin();
  for (const Outcome& outcome : first) {
    for (; other != second.end() && other->sample_id < outcome.sample_id; ++other) ++paired.only_second;
    if (other == second.end() || other->sample_id != outcome.sample_id) {
      ++paired.only_first;
    } else if (other->label != outcome.label) {
      ++paired.other_label;
      ++other;
    } else {
      paired.rows.push_back({outcome, *other++});
    }
  }
  paired.only_second += second.end() - other;
}

}  // namespace

PairedRows read_paired_rows(Database& database, std::int64_t first_run, std::int64_t second_run) {
  const ReadTransaction one_moment(database);
  PairedRows paired;
  const std::vector<Outcome> first = read_outcomes(database, first_run);
  std::vector<Outcome> second = read_outcomes(database, second_run);
  const std::int64_t first_set = dataset_of(database, first_run), second_set = dataset_of(database, second_run);
  if (first_set != second_set) rename(second, common_samples(database, first_set, second_set, paired), paired);
  paired.rows.reserve(std::min(first.size(), second.size()));
  merge(first, second, paired);
  return paired;
}

std::string read_sample_name(Database& database, std::int64_t sample_id) {
  Statement row = database.query("SELECT name FROM sample WHERE id = ?1", sample_id);
  if (!row.step()) throw InternalError("no sample with id " + std::to_string(sample_id));
  return row.required_text(0);
}

std::vector<std::string> read_class_names(Database& database, std::int64_t run_id) {
  std::vector<std::string> names;
  Statement row = database.query(
      "SELECT name FROM class WHERE dataset_id = (SELECT dataset_id FROM run WHERE id = ?1) ORDER BY class_index",
      run_id);
  while (row.step()) names.push_back(row.required_text(0));
  return names;
}

}  // namespace qeval
