#include "jobs/report/gate_verdicts.h"

#include <optional>

#include <fmt/core.h>

#include "jobs/compare/stored_baseline.h"
#include "jobs/language/job_parser.h"
#include "jobs/run/gates.h"
#include "pipeline/base/errors.h"

namespace qeval {
namespace {

/// Nothing for a run whose variant the job does not have: imported predictions.
std::optional<VariantSpec> variant_of(const RunRecord& run) {
  const JobSpec job =
      parse_stored_job({.resolved_json = run.resolved_json, .file = run.job_path, .shown_as = run.name});
  for (const VariantSpec& variant : job.variants)
    if (variant.name == run.variant) return variant;
  return std::nullopt;
}

std::optional<Drop> stored_drop(Queries& queries, const RunRecord& run) {
  const auto baseline = stored_baseline(queries.runs(), run);
  if (!baseline) return std::nullopt;
  return Drop{baseline->variant, compare(queries.paired_rows(baseline->id, run.id))};
}

std::string first_of(const std::vector<std::string>& missed) { return missed.empty() ? "" : missed.front(); }

}  // namespace

GateVerdicts gate_verdicts(Queries& queries, const RunRecord& run) {
  GateVerdicts verdicts;
  std::optional<VariantSpec> variant;
  try {
    variant = variant_of(run);
  } catch (const UsageError&) {
    verdicts.not_judged = "the stored job has a form that this version does not read";
    return verdicts;
  }
  if (!variant || (variant->gates.empty() && variant->drop_gates.empty())) return verdicts;
  for (const GateSpec& gate : variant->gates)
    verdicts.gates.push_back(
        {fmt::format("{} is {:.2f} ± {:.2f} %", word_of(gate.metric), 100 * gate.reference, 100 * gate.tolerance),
         first_of(missed_gates({gate}, run))});
  const auto drop = variant->drop_gates.empty() ? std::nullopt : stored_drop(queries, run);
  for (const DropGateSpec& gate : variant->drop_gates)
    verdicts.gates.push_back(
        {fmt::format("{} drops by at most {:.2f} points, α {}", word_of(gate.metric), 100 * gate.max_drop, gate.alpha),
         first_of(missed_drop_gates({gate}, drop))});
  if (run.n_done < run.n_total) verdicts.not_judged = "the run is not through";
  return verdicts;
}

}  // namespace qeval
