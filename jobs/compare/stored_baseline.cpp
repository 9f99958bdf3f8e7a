#include "jobs/compare/stored_baseline.h"

#include "jobs/compare/comparability.h"
#include "jobs/compare/stored_run.h"

namespace qeval {
namespace {

bool is_quantized(const RunRecord& run) { return key_component(run, "quantization") != "none"; }

/// A baseline is what was computed here.
bool may_be_baseline(const RunRecord& run) { return is_through(run.state) && run.executor != imported_executor; }

std::optional<RunRecord> nearest(const std::vector<RunRecord>& runs, const RunRecord& run,
                                 const std::function<bool(const RunRecord&)>& fits) {
  std::optional<RunRecord> later;
  for (const RunRecord& other : runs) {
    if (other.id == run.id || !may_be_baseline(other) || !same_pictures(other, run) || !fits(other)) continue;
    if (other.id < run.id) return other;
    later = other;
  }
  return later;
}

}  // namespace

std::optional<RunRecord> stored_baseline(const std::vector<RunRecord>& runs, const RunRecord& run) {
  const std::string name = baseline_in_job(run);
  if (run.variant == name && run.executor != imported_executor) return std::nullopt;
  const auto wanted = variant_in_job(run, name);
  if (!wanted.is_null()) {
    const auto found = nearest(runs, run, [&](const RunRecord& other) {
      return other.variant == name && other.job_name == run.job_name && variant_in_job(other, name) == wanted;
    });
    if (found) return found;
  }
  if (!is_quantized(run)) return std::nullopt;
  return nearest(runs, run, [&](const RunRecord& other) {
    return !is_quantized(other) && key_component(other, "weights_sha256") == key_component(run, "weights_sha256") &&
           (name.empty() || other.variant == name);
  });
}

}  // namespace qeval
