#include "storage/paired_rows.h"

#include <algorithm>
#include <map>
#include <unordered_map>

#include "storage/prediction_rows.h"
#include "storage/soundness.h"

namespace qeval {

namespace {

Outcome outcome_of(const PredictionRecord& row) {
  Outcome outcome;
  outcome.sample_id = row.sample_id;
  outcome.label = row.label;
  outcome.top1 = row.top[0];
  outcome.right1 = is_right(row, 1);
  outcome.right5 = is_right(row, 5);
  if (row.is_not_finite()) outcome.status = Outcome::Status::not_finite;
  if (row.has_failed()) outcome.status = Outcome::Status::failed;
  outcome.probability = row.probability;
  outcome.margin = row.margin;
  return outcome;
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
std::vector<Outcome> under_names_of_first(const std::vector<Outcome>& outcomes, const Renamed& renamed,
                                          PairedRows& paired) {
  std::vector<Outcome> known;
  for (Outcome outcome : outcomes) {
    const auto found = renamed.find(outcome.sample_id);
    if (found == renamed.end()) {
      ++paired.only_second;
      continue;
    }
    outcome.sample_id = found->second;
    known.push_back(outcome);
  }
  std::sort(known.begin(), known.end(), [](const Outcome& a, const Outcome& b) { return a.sample_id < b.sample_id; });
  return known;
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

Ties ties_of(const RunOutcomes& outcomes) {
  Ties ties;
  for (const Outcome& outcome : outcomes.rows) {
    if (outcome.status != Outcome::Status::ok || outcome.margin != 0) continue;
    ++ties.images;
    ties.right += outcome.right1;
  }
  return ties;
}

RunOutcomes read_outcomes(Database& database, std::int64_t run_id,
                          const std::function<void(const PredictionRecord&)>& visit) {
  RunOutcomes outcomes{dataset_of(database, run_id), {}};
  const std::int64_t done = database.integer("SELECT n_done FROM run WHERE id = ?1", run_id);
  outcomes.rows.reserve(static_cast<std::size_t>(std::max<std::int64_t>(0, done)));
  require_sound_run(database, run_id, [&](const PredictionRecord& row) {
    outcomes.rows.push_back(outcome_of(row));
    if (visit) visit(row);
  });
  return outcomes;
}

PairedRows pair_outcomes(Database& database, const RunOutcomes& first, const RunOutcomes& second) {
  PairedRows paired;
  paired.rows.reserve(std::min(first.rows.size(), second.rows.size()));
  if (first.dataset_id == second.dataset_id) {
    merge(first.rows, second.rows, paired);
    return paired;
  }
  const Renamed renamed = common_samples(database, first.dataset_id, second.dataset_id, paired);
  merge(first.rows, under_names_of_first(second.rows, renamed, paired), paired);
  return paired;
}

PairedRows read_paired_rows(Database& database, std::int64_t first_run, std::int64_t second_run) {
  const ReadTransaction one_moment(database);
  return pair_outcomes(database, read_outcomes(database, first_run), read_outcomes(database, second_run));
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
