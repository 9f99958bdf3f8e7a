#include "tests/jobs/language/described_job.h"

#include <iomanip>
#include <sstream>

namespace qeval::test {
namespace {

/// "name=value" lines.
class Description {
 public:
  Description() { out_ << std::setprecision(17) << std::boolalpha; }

  template <class Value>
  void add(const char* name, const Value& value) {
    out_ << name << '=' << value << '\n';
  }
  template <class Value>
  void add(const char* name, const std::optional<Value>& value) {
    if (value) add(name, *value);
  }
  template <class Value>
  void add(const char* name, const std::vector<Value>& values) {
    for (const Value& value : values) add(name, value);
  }
  std::string text() const { return out_.str(); }

 private:
  std::ostringstream out_;
};

void add_dataset(Description& out, const DatasetSpec& dataset) {
  out.add("dataset", dataset.name);
  out.add("kind", word_of(dataset.kind));
  out.add("root", dataset.root);
  out.add("labels", dataset.labels);
  out.add("subset", static_cast<int>(dataset.subset.kind));
  out.add("count", dataset.subset.count);
  out.add("list", dataset.subset.list);
}

void add_step(Description& out, const StepSpec& step) {
  out.add("step", word_of(step.kind));
  out.add("filter", word_of(step.filter));
  out.add("emulate", word_of(step.emulate));
  out.add("short_side", step.short_side);
  out.add("height", step.height);
  out.add("width", step.width);
  out.add("crop", step.crop);
  out.add("padding", step.padding);
  out.add("fraction", step.fraction);
  out.add("range", word_of(step.range));
  out.add("channels", word_of(step.channels));
  out.add("mean", step.mean);
  out.add("std", step.std);
  out.add("max_pixels", step.max_pixels);
  out.add("max_scans", step.max_scans);
}

void add_settings(Description& out, const QuantizationSpec& spec) {
  out.add("enabled", spec.enabled);
  out.add("executor", spec.executor);
  out.add("mode", spec.mode);
  out.add("scheme", spec.scheme);
  out.add("percentile", spec.percentile);
  out.add("param_bits", spec.param_bits);
  out.add("param_dtype", word_of(spec.param_dtype));
  out.add("param_symmetric", spec.param_symmetric);
  out.add("per_channel", spec.per_channel);
  out.add("block_size", spec.block_size);
  out.add("block_modules", spec.block_modules);
  out.add("activation_bits", spec.activation_bits);
  out.add("activation_dtype", word_of(spec.activation_dtype));
  out.add("activation_symmetric", spec.activation_symmetric);
  out.add("quantize_input", spec.quantize_input);
  out.add("quantize_bias", spec.quantize_bias);
  out.add("share_module_quantizers", spec.share_module_quantizers);
}

void add_quantization(Description& out, const QuantizationSpec& spec) {
  add_settings(out, spec);
  out.add("requantize", spec.requantize);
  out.add("equalize", spec.equalize);
  out.add("bias_correction", word_of(spec.bias_correction));
  out.add("rounding", word_of(spec.rounding));
  out.add("adaround_iterations", spec.adaround_iterations);
  out.add("adaround_regularization", spec.adaround_regularization);
  out.add("adaround_learning_rate", spec.adaround_learning_rate);
  out.add("config", spec.config);
  out.add("disable", spec.disable);
  out.add("import", spec.import_encodings);
  out.add("freeze", spec.freeze_encodings);
  out.add("names", spec.encodings_names);
  out.add("policy", word_of(spec.policy));
  out.add("missing", word_of(spec.missing));
  add_dataset(out, spec.calibration);
  out.add("calibration_batch_size", spec.calibration_batch_size);
}

void add_variant(Description& out, const VariantSpec& variant) {
  out.add("variant", variant.name);
  out.add("arch", variant.model.arch);
  out.add("weights", variant.model.weights);
  out.add("sha256", variant.model.sha256);
  out.add("state_dict", variant.model.state_dict);
  out.add("fold_batch_norm", variant.model.fold_batch_norm);
  for (const auto& [name, value] : variant.model.parameters) out.add(name.c_str(), value);
  add_dataset(out, variant.dataset);
  for (const StepSpec& step : variant.preprocess) add_step(out, step);
  add_quantization(out, variant.quantization);
  for (const GateSpec& gate : variant.gates) {
    out.add("gate", word_of(gate.metric));
    out.add("reference", gate.reference);
    out.add("tolerance", gate.tolerance);
  }
  for (const DropGateSpec& gate : variant.drop_gates) {
    out.add("drop gate", word_of(gate.metric));
    out.add("max_drop", gate.max_drop);
    out.add("alpha", gate.alpha);
  }
}

}  // namespace

std::string described(const JobSpec& job) {
  Description out;
  out.add("file", job.file);
  out.add("name", job.name);
  out.add("tags", job.tags);
  out.add("batch_size", job.run.batch_size);
  out.add("device", job.run.device);
  out.add("threads", job.run.threads);
  out.add("decode_threads", job.run.decode_threads);
  out.add("replicas", job.run.replicas);
  out.add("max_bad_images", job.run.max_bad_images);
  out.add("max_bad_share", job.run.max_bad_share);
  out.add("export_encodings", job.export_encodings);
  out.add("encodings_version", job.encodings_version);
  out.add("baseline", job.baseline);
  for (const VariantSpec& variant : job.variants) add_variant(out, variant);
  return out.text();
}

}  // namespace qeval::test
