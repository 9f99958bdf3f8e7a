#include "jobs/prepare/job_inputs.h"

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

/// Null where there is no such data set: the variant that needs it says so.
const Manifest* listed(const DatasetSpec& spec, ImageSets& images) {
  try {
    return &images.listed(spec);
  } catch (const InputError&) {
    return nullptr;
  }
}

void add_dataset(const DatasetSpec& spec, const std::string& field, ImageSets& images, OutputFiles& outputs) {
  if (spec.root.empty()) return;
  outputs.add_input(spec.labels, field + ".labels");
  outputs.add_input(spec.subset.list, field + ".subset");
  outputs.add_images([&spec, &images] { return listed(spec, images); });
}

}  // namespace

void add_inputs(const JobSpec& job, std::span<const std::filesystem::path> external_files, ImageSets& images,
                OutputFiles& outputs) {
  outputs.add_input(job.file, "the job file");
  for (const VariantSpec& variant : job.variants) {
    outputs.add_input(variant.model.weights, "model.weights");
    const QuantizationSpec& quantization = variant.quantization;
    outputs.add_input(quantization.import_encodings, "quantization.encodings.import");
    outputs.add_input(quantization.freeze_encodings, "quantization.encodings.freeze");
    outputs.add_input(quantization.encodings_names, "quantization.encodings.names");
    outputs.add_input(quantization.config, "quantization.config");
    add_dataset(variant.dataset, "dataset", images, outputs);
    add_dataset(quantization.calibration, "quantization.encodings.calibrate", images, outputs);
  }
  for (const auto& file : external_files) outputs.add_input(file, "data of model.weights");
}

}  // namespace qeval
