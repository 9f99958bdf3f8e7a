#include "jobs/prepare/job_check.h"

#include <fmt/core.h>

#include "jobs/prepare/changed_inputs.h"
#include "jobs/prepare/variant_keys.h"
#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"

namespace qeval {
namespace {

JobSpec with_variants(JobSpec job) {
  if (!job.variants.empty()) return job;
  std::string text;
  for (const LeftOutVariant& variant : job.left_out) text += fmt::format("\n  {}: {}", variant.name, variant.missing);
  throw InputError(fmt::format("{}: nothing that its variants need is at hand; nothing was run.{}",
                               visible_name(job.file.string()), text));
}

}  // namespace

JobSpec read_job(const std::filesystem::path& file, const JobOverrides& overrides) {
  try {
    return with_variants(parse_job_file(file, overrides));
  } catch (const JobError& error) {
    if (error.readable()) check_variants(*error.readable());
    throw;
  }
}

std::vector<PreparedVariant> check_variants(const JobSpec& job, FirstWeights first) {
  JobComplaints complaints(job);
  std::vector<PreparedVariant> variants(job.variants.size());
  const auto weights_files = std::make_shared<WeightsFiles>();
  for (std::size_t i = variants.size(); i-- > 0;) {
    variants[i] = prepare_network(job, job.variants[i], weights_files, complaints);
    if (i > 0 || first == FirstWeights::released) drop_weights(variants[i].network);
  }
  complaints.stop();
  return variants;
}

void load_weights_again(PreparedVariant& v, const JobSpec& job) {
  if (v.network.has_weights()) return;
  JobComplaints complaints(job);
  PreparedVariant again = prepare_network(job, v.spec, v.weights_files, complaints);
  complaints.stop("variant '" + v.spec.name + "' was not run");
  again.images = std::move(v.images);
  make_keys(again, v.identity.evaluation.components.at("device"), v.identity.evaluation.components.at("environment"),
            v.identity.evaluation.components.at("preprocess"));
  if (again.identity.evaluation.key != v.identity.evaluation.key)
    throw InputError(fmt::format("variant '{}': these have changed since the job was checked: {}; start it again",
                                 v.spec.name,
                                 changed_inputs_text(present_identity(job, v), present_identity(job, again))));
  v = std::move(again);
}

}  // namespace qeval
