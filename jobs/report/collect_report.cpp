#include "jobs/report/collect_report.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "jobs/report/thumbnail.h"

namespace qeval {
namespace {

/// What a page of 300 kB holds: classes of ImageNet, and of each kind of flip so many.
constexpr std::size_t usual_rows = 1000, usual_flips = 60, least_rows = 10;

std::size_t share_of(std::size_t usual, std::size_t comparisons) {
  return std::max(least_rows, usual / std::max<std::size_t>(1, comparisons));
}

/// Of the images that were usable and whose probability is known.
std::vector<ReliabilityBin> reliability_of(const RunOutcomes& outcomes) {
  std::vector<RatedAnswer> answers;
  for (const Outcome& outcome : outcomes.rows)
    if (outcome.status == Outcome::Status::ok && !std::isnan(outcome.probability))
      answers.push_back({outcome.probability, outcome.right1});
  return reliability_bins(answers);
}

bool has_not_finite(const RunOutcomes& outcomes) {
  return std::any_of(outcomes.rows.begin(), outcomes.rows.end(),
                     [](const Outcome& outcome) { return outcome.status == Outcome::Status::not_finite; });
}

ReportedRun reported_run(Queries& queries, const RunRecord& run, const RunContent& content) {
  ReportedRun reported;
  reported.run = run;
  reported.job = queries.job(run.id);
  reported.content_hash = content.hash;
  reported.gates = gate_verdicts(queries, run);
  if (has_not_finite(content.outcomes)) reported.not_finite = queries.not_finite(run.id);
  reported.ties = ties_of(content.outcomes);
  reported.attempts = queries.attempts(run.id);
  if (run.n_failed > 0) reported.failed_images = queries.failed_images(run.id);
  reported.reliability = reliability_of(content.outcomes);
  reported.encodings = queries.encoding_set_of_run(run.id);
  reported.sensitivity = sensitivities_of(queries, run);
  return reported;
}

/// The first `most` of each kind.
std::vector<Flip> surest_flips(const std::vector<PairedRow>& rows, std::size_t most) {
  std::vector<Flip> flips = flips_of(rows);
  sort_surest_first(flips);
  std::map<FlipKind, std::size_t> shown;
  std::erase_if(flips, [&](const Flip& flip) { return ++shown[flip.kind] > most; });
  return flips;
}

class Collector {
 public:
  Collector(Queries& queries, const ReportRequest& request) : queries_(queries), request_(request) {}

  Report collect() {
    report_.alpha = request_.alpha;
    report_.classes = queries_.class_names(baseline().id);
    const std::size_t comparisons = request_.runs.size() - 1;
    report_.rows_in_lists = request_.rows.value_or(share_of(usual_rows, comparisons));
    flips_ = request_.rows.value_or(share_of(usual_flips, comparisons));
    const RunOutcomes first = reported(baseline());
    for (std::size_t run = 1; run < request_.runs.size(); ++run)
      report_.comparisons.push_back(compared(run, queries_.paired_rows(first, reported(request_.runs[run]))));
    return std::move(report_);
  }

 private:
  const RunRecord& baseline() const { return request_.runs.front(); }

  /// Its rows are read once, for all that is said of them.
  RunOutcomes reported(const RunRecord& run) {
    RunContent content = queries_.content(run.id);
    report_.runs.push_back(reported_run(queries_, run, content));
    return std::move(content.outcomes);
  }

  ReportedComparison compared(std::size_t index, const PairedRows& paired) {
    ReportedComparison result;
    result.run = index;
    result.comparison = compare(paired);
    for (const Flip& flip : surest_flips(paired.rows, flips_)) result.flips.push_back(reported_flip(flip));
    result.classes = class_changes(paired.rows);
    result.confusions = confusion_changes(paired.rows);
    result.confusions_in_all = result.confusions.size();
    result.confusions.resize(std::min(result.confusions.size(), flips_));
    return result;
  }

  ReportedFlip reported_flip(const Flip& flip) {
    const SampleRecord sample = queries_.sample(flip.row.first.sample_id);
    ReportedFlip reported{flip, sample.name};
    if (request_.thumbnails) reported.thumbnail = thumbnail_of(root() / sample.name, sample);
    return reported;
  }

  const std::filesystem::path& root() {
    if (root_.empty()) root_ = queries_.dataset_root(baseline().id);
    return root_;
  }

  Queries& queries_;
  const ReportRequest& request_;
  Report report_;
  std::size_t flips_ = 0;
  std::filesystem::path root_;
};

}  // namespace

Report collect_report(Queries& queries, const ReportRequest& request) { return Collector(queries, request).collect(); }

}  // namespace qeval
