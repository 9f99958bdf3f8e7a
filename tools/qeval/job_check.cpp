#include "tools/qeval/job_check.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "pipeline/base/errors.h"
#include "tools/qeval/variant_keys.h"

namespace qeval {

JobSpec read_job(const std::filesystem::path& file, const JobOverrides& overrides) {
  try {
    return parse_job_file(file, overrides);
  } catch (const JobError& error) {
    if (error.readable()) check_variants(*error.readable());
    throw;
  }
}

std::vector<PreparedVariant> check_variants(const JobSpec& job, FirstWeights first) {
  JobComplaints complaints(job);
  std::vector<PreparedVariant> variants(job.variants.size());
  for (std::size_t i = variants.size(); i-- > 0;) {
    variants[i] = prepare_network(job, job.variants[i], complaints);
    if (i > 0 || first == FirstWeights::released) variants[i].release_weights();
  }
  complaints.stop();
  return variants;
}

void load_weights_again(PreparedVariant& v, const JobSpec& job) {
  if (v.has_weights()) return;
  JobComplaints complaints(job);
  PreparedVariant again = prepare_network(job, v.spec, complaints);
  complaints.stop("variant '" + v.spec.name + "' was not run");
  again.manifest = std::move(v.manifest);
  again.calibration = std::move(v.calibration);
  make_keys(again, v.eval_components.at("device"), v.eval_components.at("environment"),
            v.eval_components.at("preprocess"));
  if (again.eval_key != v.eval_key)
    throw InputError(fmt::format("variant '{}': these have changed since the job was checked: {}; start it again",
                                 v.spec.name,
                                 fmt::join(differing_components(v.eval_components, again.eval_components), ", ")));
  v = std::move(again);
}

}  // namespace qeval
