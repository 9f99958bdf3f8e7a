#include "jobs/prepare/job_inputs.h"

namespace qeval {
namespace {

void add_dataset(const DatasetSpec& spec, const std::string& field, OutputFiles& outputs) {
  outputs.add_input(spec.labels, field + ".labels");
  outputs.add_input(spec.subset.list, field + ".subset");
}

}  // namespace

void add_inputs(const JobSpec& job, const PreparedVariant& v, OutputFiles& outputs) {
  outputs.add_input(job.file, "the job file");
  // All variants' files: what one writes, another may read.
  for (const VariantSpec& variant : job.variants) {
    outputs.add_input(variant.model.weights, "model.weights");
    const QuantizationSpec& quantization = variant.quantization;
    outputs.add_input(quantization.import_encodings, "quantization.encodings.import");
    outputs.add_input(quantization.freeze_encodings, "quantization.encodings.freeze");
    outputs.add_input(quantization.encodings_names, "quantization.encodings.names");
    outputs.add_input(quantization.config, "quantization.config");
    add_dataset(variant.dataset, "dataset", outputs);
    add_dataset(quantization.calibration, "quantization.encodings.calibrate", outputs);
  }
  for (const auto& file : v.network.external_files) outputs.add_input(file, "data of model.weights");
  outputs.add_images(v.images.evaluation);
  outputs.add_images(v.images.calibration);
}

}  // namespace qeval
