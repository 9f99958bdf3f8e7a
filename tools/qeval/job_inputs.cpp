#include "tools/qeval/job_inputs.h"

namespace qeval {
namespace {

void add_dataset(const DatasetSpec& spec, const Manifest& images, const std::string& field, OutputFiles& outputs) {
  outputs.add_input(spec.labels, field + ".labels");
  outputs.add_input(spec.subset.list, field + ".subset");
  outputs.add_images(images);
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
  }
  for (const auto& file : v.external_files) outputs.add_input(file, "data of model.weights");
  add_dataset(v.spec.dataset, v.manifest, "dataset", outputs);
  add_dataset(v.spec.quantization.calibration, v.calibration, "quantization.encodings.calibrate", outputs);
}

}  // namespace qeval
