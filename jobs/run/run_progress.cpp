#include "jobs/run/run_progress.h"

#include <algorithm>
#include <charconv>

#include "jobs/compare/stored_run.h"
#include "jobs/prepare/changed_inputs.h"
#include "jobs/prepare/variant_keys.h"

namespace qeval {
namespace {

std::int64_t number(const std::string& text) {
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// Of what is computed before the evaluation: a run that repeats another has a key of its own for it.
KeyComponents own_components(Queries& queries, const std::string& key, const RunRecord& run) {
  KeyComponents components = queries.key_components(key);
  if (run.repeats != 0) mark_repetition(components, run.name);
  return components;
}

RunProgress calibration_progress(Queries& queries, const RunRecord& run, const KeyComponents& components,
                                 const RunProgress& before) {
  RunProgress progress = before;
  const std::int64_t batches = queries.calibration_batches_done(make_key(components));
  const std::string tuning = key_of_computed(key_component(components, "tuning"), "");
  if (batches == 0 && !tuning.empty()) {
    progress.phase = RunProgress::Phase::tuning;
    progress.done = queries.tuned_layers_done(make_key(own_components(queries, tuning, run)));
    return progress;
  }
  progress.phase = RunProgress::Phase::calibration;
  progress.total = static_cast<std::int64_t>(queries.samples(key_component(components, "calibration_manifest")).size());
  progress.done = std::min(progress.total, batches * number(key_component(components, "calibration_batch_size")));
  return progress;
}

}  // namespace

RunProgress run_progress(Queries& queries, const RunRecord& run) {
  RunProgress progress;
  progress.work = queries.committed_work(run.id);
  const std::string calibrated = key_of_computed(key_component(run, "encodings"), "calibrated");
  if (run.n_done == 0 && !calibrated.empty()) {
    const KeyComponents components = own_components(queries, calibrated, run);
    if (!queries.has_encoding_set(make_key(components)))
      return calibration_progress(queries, run, components, progress);
  }
  progress.done = run.n_done;
  progress.total = run.n_total;
  progress.images_per_second = progress.work.images_per_second();
  return progress;
}

}  // namespace qeval
