#include "jobs/run/run_request.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "jobs/prepare/sample_records.h"
#include "jobs/run/version.h"

namespace qeval {
namespace {

DatasetRecord dataset_record(const DatasetSpec& spec, const Manifest& manifest, int class_count) {
  DatasetRecord record;
  record.name = spec.name;
  record.kind = word_of(spec.kind);
  record.root = manifest.root.string();
  record.fingerprint = manifest.fingerprint();
  record.class_count = class_count;
  record.class_names = manifest.classes;
  record.samples = sample_records(manifest);
  return record;
}

std::string precision_text(const PreparedVariant& v) {
  if (!v.recipe.quant) return v.network.precision_in_file.empty() ? "fp32" : v.network.precision_in_file;
  return fmt::format("w{}{}a{}{}", v.recipe.quant->param_float16 ? "f" : "", v.recipe.quant->param_bits,
                     v.recipe.quant->activation_float16 ? "f" : "", v.recipe.quant->activation_bits);
}

}  // namespace

RunRequest make_request(const JobSpec& job, const PreparedVariant& v, const std::string& overrides_json) {
  RunRequest request;
  request.job = {job.name, job.file.string(), job.source_text, job.resolved_json};
  request.overrides_json = overrides_json;
  request.variant = v.spec.name;
  request.precision = precision_text(v);
  request.executor = v.executor_options("").kind;
  request.mode = v.recipe.quant ? mode_name(v.recipe.quant->mode) : "";
  request.device = v.identity.evaluation.components.at("device");
  request.tags = fmt::format("{}", fmt::join(job.tags, ","));
  request.model = v.network.model;
  request.dataset = dataset_record(v.spec.dataset, v.images.evaluation, v.network.graph.num_classes);
  if (!v.images.calibration.entries.empty())
    request.calibration =
        dataset_record(v.spec.quantization.calibration, v.images.calibration, v.network.graph.num_classes);
  if (v.recipe.quant)
    request.recipe = RecipeRecord{v.spec.name,
                                  scheme_name(v.recipe.quant->scheme),
                                  mode_name(v.recipe.quant->mode),
                                  v.recipe.quant->identity(),
                                  v.recipe.quant->param_bits,
                                  v.recipe.quant->activation_bits,
                                  v.recipe.quant->per_channel,
                                  v.recipe.quant->quantize_input,
                                  v.spec.model.fold_batch_norm};
  request.eval_key = v.identity.evaluation.key;
  request.key_components = v.identity.evaluation.components;
  if (v.recipe.quant) request.encodings_key_components = {v.identity.encodings.key, v.identity.encodings.components};
  if (v.recipe.tuning) request.tuning_key_components = {v.identity.tuning.key, v.identity.tuning.components};
  request.batch_size = v.recipe.batch_size;
  request.tool_version = tool_version;
  return request;
}

}  // namespace qeval
