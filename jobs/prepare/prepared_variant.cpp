#include "jobs/prepare/prepared_variant.h"

#include <algorithm>

#include "jobs/prepare/class_check.h"
#include "jobs/prepare/encoding_records.h"
#include "jobs/prepare/open_dataset.h"
#include "jobs/prepare/variant_keys.h"
#include "stages/quant/calibration.h"
#include "stages/quant/placement/quantizer_groups.h"

namespace qeval {
ExecutorOptions PreparedVariant::executor_options(const std::string& device) const {
  ExecutorOptions options;
  options.kind = recipe.quant ? spec.quantization.executor : "float";
  options.device = device;
  if (recipe.quant) options.mode = recipe.quant->mode;
  return options;
}

bool PreparedVariant::reads_calibration_images() const {
  const auto needs_images = [&](const Quantizer& quantizer) {
    return learns_from_images(quantizer) && !network.fixed_encodings.count(quantizer.key());
  };
  const auto& quantizers = network.graph.quantizers;
  return calibrates() && std::any_of(quantizers.begin(), quantizers.end(), needs_images);
}

EncodingTable PreparedVariant::known_encodings() const {
  EncodingTable table = encoding_table(network.graph, network.fixed_encodings);
  if (!calibrates()) return table;
  EncodingTable computed = encodings_without_images(network.graph, *recipe.quant);
  for (std::size_t q = 0; q < table.size(); ++q)
    if (table[q].empty()) table[q] = std::move(computed[q]);
  return table;
}

void prepare_images(PreparedVariant& v, const JobSpec& job, std::optional<std::int64_t> limit, ImageSets& images,
                    const ExecutorFactory& executors, JobComplaints& complaints) {
  VariantComplaints own(complaints, v.spec.name);
  v.images.evaluation = open_dataset(v.spec.dataset, DatasetSection::evaluation, limit, images, own);
  if (!v.images.evaluation.entries.empty()) v.images.evaluated_of = extent_of(images.listed(v.spec.dataset));
  own.attempt(v.spec.dataset.kind == DatasetKind::list ? "dataset.labels" : "dataset.root",
              [&] { check_classes(v, job.preflight); });
  if (v.reads_calibration_images() || v.recipe.tuning)
    v.images.calibration =
        open_dataset(v.spec.quantization.calibration, DatasetSection::calibration, std::nullopt, images, own);
  if (!complaints.empty()) return;
  ExecutorEnvironment environment;
  const auto describe = [&] { environment = executors.describe(v.executor_options(job.run.device)); };
  if (own.attempt("run.device", describe))
    make_keys(v, environment.device, environment.environment, Preprocessor(v.recipe.preprocess).identity());
}

PreparedVariant prepare_variant(const JobSpec& job, const VariantSpec& variant, std::optional<std::int64_t> limit,
                                ImageSets& images, const ExecutorFactory& executors) {
  JobComplaints complaints(job);
  PreparedVariant v = prepare_network(job, variant, std::make_shared<WeightsFiles>(), complaints);
  complaints.stop();
  prepare_images(v, job, limit, images, executors, complaints);
  complaints.stop();
  return v;
}

}  // namespace qeval
