#include "tools/qeval/prepared_variant.h"

#include <algorithm>

#include <malloc.h>

#include <fmt/core.h>

#include "pipeline/errors.h"
#include "pipeline/visible_text.h"
#include "stages/quant/calibration.h"
#include "stages/quant/quantizer_groups.h"
#include "tools/qeval/encoding_records.h"
#include "tools/qeval/open_dataset.h"
#include "tools/qeval/variant_keys.h"

namespace qeval {
namespace {

/// A class list and a network of different sizes give numbers that look real and are not.
void check_classes(const PreparedVariant& v) {
  if (!v.manifest.classes.empty() && static_cast<int>(v.manifest.classes.size()) != v.graph.num_classes)
    throw InputError(fmt::format("{} has {} class folders, but {} has {} outputs; the folders must be the network's "
                                 "classes in sorted order",
                                 visible_name(v.manifest.root.string()), v.manifest.classes.size(), v.spec.model.arch,
                                 v.graph.num_classes));
  for (const ManifestEntry& entry : v.manifest.entries)
    if (entry.label >= v.graph.num_classes)
      throw InputError(fmt::format("{}: label {}, but {} has {} outputs; correct the list, or "
                                   "model.parameters.num_classes",
                                   visible_name(entry.name), entry.label, v.spec.model.arch, v.graph.num_classes));
}

}  // namespace

ExecutorOptions PreparedVariant::executor_options(const std::string& device) const {
  ExecutorOptions options;
  options.kind = quant ? spec.quantization.executor : "float";
  options.device = device;
  if (quant) options.mode = quant->mode;
  return options;
}

bool PreparedVariant::reads_calibration_images() const {
  return calibrates() && std::any_of(graph.quantizers.begin(), graph.quantizers.end(), [&](const Quantizer& quantizer) {
           return learns_from_images(quantizer) && !imported.count(quantizer.key());
         });
}

EncodingTable PreparedVariant::known_encodings() const {
  EncodingTable table = encoding_table(graph, imported);
  if (!calibrates()) return table;
  EncodingTable computed = parameter_encodings(graph, *quant);
  for (std::size_t q = 0; q < table.size(); ++q)
    if (table[q].empty()) table[q] = std::move(computed[q]);
  return table;
}

bool PreparedVariant::has_weights() const {
  return std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) { return node.weight.defined(); });
}

void PreparedVariant::release_weights() {
  for (Node& node : graph.nodes)
    for (Tensor* tensor : {&node.weight, &node.bias, &node.mean, &node.variance})
      *tensor = Tensor(tensor->shape(), std::shared_ptr<const float>());
  // The heap keeps what is free below a small block that is not; the next variant's file would come on top of that.
  ::malloc_trim(0);
}

void prepare_images(PreparedVariant& v, const JobSpec& job, std::optional<std::int64_t> limit, ImageSets& images,
                    JobComplaints& complaints) {
  VariantComplaints own(complaints, v.spec.name);
  v.manifest = open_dataset(v.spec.dataset, DatasetSection::evaluation, limit, images, own);
  own.attempt(v.spec.dataset.kind == "list" ? "dataset.labels" : "dataset.root", [&] { check_classes(v); });
  if (v.reads_calibration_images() || v.tuning)
    v.calibration = open_dataset(v.spec.quantization.calibration, DatasetSection::calibration, std::nullopt, images, own);
  if (!complaints.empty()) return;
  ExecutorEnvironment environment;
  const auto describe = [&] { environment = describe_executor(v.executor_options(job.run.device)); };
  if (own.attempt("run.device", describe))
    make_keys(v, environment.device, environment.environment, Preprocessor(v.recipe).identity());
}

PreparedVariant prepare_variant(const JobSpec& job, const VariantSpec& variant, std::optional<std::int64_t> limit,
                                ImageSets& images) {
  JobComplaints complaints(job);
  PreparedVariant v = prepare_network(job, variant, complaints);
  complaints.stop();
  prepare_images(v, job, limit, images, complaints);
  complaints.stop();
  return v;
}

}  // namespace qeval
