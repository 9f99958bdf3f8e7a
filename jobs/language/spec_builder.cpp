#include "jobs/language/spec_builder.h"

#include <algorithm>
#include <optional>

#include "jobs/language/field_tree.h"
#include "jobs/language/scalar.h"
#include "pipeline/base/errors.h"

namespace qeval {
namespace {

/// Typed reading of a checked map.
class Reader {
 public:
  explicit Reader(const YamlNode& node) : node_(node) {}

  bool has(std::string_view path) const { return node_.find_path(path) != nullptr; }
  const YamlNode& at(std::string_view path) const {
    const YamlNode* node = node_.find_path(path);
    if (!node) throw InternalError("job: no value for " + std::string(path));
    return *node;
  }
  std::string text(std::string_view path) const { return has(path) ? at(path).text : ""; }
  bool boolean(std::string_view path) const { return value(path, parse_boolean); }
  template <class Value>
  Value word(std::string_view path) const {
    return value(path, parse_word<Value>);
  }
  std::int64_t integer64(std::string_view path) const { return value(path, parse_integer); }
  int integer(std::string_view path) const { return static_cast<int>(integer64(path)); }
  double number(std::string_view path) const { return value(path, parse_number); }
  /// One value or a list of values.
  std::vector<double> numbers(std::string_view path) const {
    const YamlNode& node = at(path);
    std::vector<double> values;
    if (node.is_scalar()) values.push_back(number(path));
    for (const YamlNode& item : node.items) values.push_back(parse_number(item.text).value());
    return values;
  }

 private:
  template <typename Value>
  Value value(std::string_view path, std::optional<Value> (*parse)(std::string_view)) const {
    const std::optional<Value> parsed = parse(at(path).text);
    if (!parsed) throw InternalError("job: '" + at(path).text + "' is no value for " + std::string(path));
    return *parsed;
  }
  const YamlNode& node_;
};

void make_absolute(YamlNode& node, const FieldNode& row, const std::filesystem::path& folder) {
  const bool is_word = row.accepts(form::word) &&
                       std::find(row.field->words.begin(), row.field->words.end(), node.text) != row.field->words.end();
  if (node.is_scalar() && row.accepts(form::path) && !is_word)
    node.text = (folder / node.text).lexically_normal().string();
  for (YamlNode& item : node.items) {
    if (row.item()) make_absolute(item, *row.item(), folder);
  }
  for (YamlEntry& entry : node.entries) {
    if (const FieldNode* child = row.child(entry.key)) make_absolute(entry.value, *child, folder);
  }
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

ModelSpec build_model(const YamlNode& node) {
  const Reader read(node);
  ModelSpec model;
  model.arch = read.text("arch");
  model.weights = read.text("weights");
  model.sha256 = lower(read.text("sha256"));
  model.state_dict = read.text("state_dict");
  model.fold_batch_norm = read.boolean("fold_batch_norm");
  for (const YamlEntry& entry : read.at("parameters").entries) {
    std::string text = entry.value.text;
    for (const YamlNode& item : entry.value.items) text += (text.empty() ? "" : ",") + item.text;
    model.parameters[entry.key] = text;
  }
  return model;
}

SubsetSpec build_subset(const YamlNode& node) {
  const Reader read(node);
  SubsetSpec subset;
  if (read.has("first")) {
    subset.kind = SubsetSpec::Kind::first;
    subset.count = read.integer64("first");
  } else if (read.has("per_class")) {
    subset.kind = SubsetSpec::Kind::per_class;
    subset.count = read.integer64("per_class");
  } else if (read.has("every")) {
    subset.kind = SubsetSpec::Kind::every;
    subset.count = read.integer64("every");
  } else if (read.has("spread")) {
    subset.kind = SubsetSpec::Kind::spread;
    subset.count = read.integer64("spread");
  } else if (read.has("list")) {
    subset.kind = SubsetSpec::Kind::list;
    subset.list = read.text("list");
  }
  return subset;
}

DatasetSpec build_dataset(const YamlNode& node, std::string_view subset_key) {
  const Reader read(node);
  DatasetSpec dataset;
  if (read.has("kind")) dataset.kind = read.word<DatasetKind>("kind");
  dataset.root = read.text("root");
  dataset.labels = read.text("labels");
  dataset.name = read.text("name");
  if (dataset.name.empty()) {
    const bool ends_in_slash = !dataset.root.has_filename();
    dataset.name = (ends_in_slash ? dataset.root.parent_path() : dataset.root).filename().string();
  }
  dataset.subset = build_subset(read.at(subset_key));
  return dataset;
}

void build_resize(const Reader& read, StepSpec& step) {
  step.filter = read.word<ResamplingFilter>("filter");
  step.emulate = read.word<PillowRelease>("emulate");
  if (read.has("short_side")) step.short_side = read.integer("short_side");
  if (!read.has("size")) return;
  const std::vector<double> size = read.numbers("size");
  step.height = static_cast<int>(size.front());
  step.width = static_cast<int>(size.back());
}

void build_center_crop(const YamlNode& node, StepSpec& step) {
  const Reader read(node);
  if (node.is_scalar()) step.crop = static_cast<int>(parse_integer(node.text).value());
  if (read.has("size")) step.crop = read.integer("size");
  if (read.has("padding")) step.padding = read.integer("padding");
  if (read.has("fraction")) step.fraction = read.number("fraction");
}

StepSpec build_step(const YamlNode& item) {
  const YamlEntry& entry = item.entries.front();
  const Reader read(entry.value);
  StepSpec step;
  step.kind = parse_word<StepKind>(entry.key).value();
  switch (step.kind) {
    case StepKind::decode:
      step.max_pixels = read.integer64("max_pixels");
      step.max_scans = read.integer("max_scans");
      break;
    case StepKind::resize: build_resize(read, step); break;
    case StepKind::center_crop: build_center_crop(entry.value, step); break;
    case StepKind::normalize:
      step.range = read.word<PixelRange>("range");
      step.channels = read.word<ChannelOrder>("channels");
      step.mean = read.numbers("mean");
      step.std = read.numbers("std");
      break;
  }
  return step;
}

QuantizationSpec build_quantization(const YamlNode& node) {
  QuantizationSpec spec;
  if (!node.is_mapping()) return spec;
  const Reader read(node);
  spec.enabled = true;
  spec.executor = read.text("executor");
  spec.mode = read.text("mode");
  spec.scheme = read.text("scheme");
  spec.percentile = read.number("percentile");
  spec.param_bits = read.integer("param.bits");
  spec.param_symmetric = read.boolean("param.symmetric");
  spec.param_dtype = read.word<NumberType>("param.dtype");
  spec.activation_dtype = read.word<NumberType>("activation.dtype");
  spec.per_channel = read.boolean("param.per_channel");
  spec.block_size = read.integer("param.block_size");
  for (const YamlNode& item : read.at("param.block_modules").items) spec.block_modules.push_back(item.text);
  spec.activation_bits = read.integer("activation.bits");
  spec.activation_symmetric = read.boolean("activation.symmetric");
  spec.quantize_input = read.boolean("quantize_input");
  spec.quantize_bias = read.boolean("quantize_bias");
  spec.share_module_quantizers = read.boolean("share_module_quantizers");
  spec.requantize = read.boolean("requantize");
  spec.equalize = read.boolean("equalize");
  spec.bias_correction = read.word<BiasCorrectionMethod>("bias_correction");
  spec.rounding = read.word<WeightRounding>("rounding");
  spec.adaround_iterations = read.integer("adaround.iterations");
  spec.adaround_regularization = read.number("adaround.regularization");
  spec.adaround_learning_rate = read.number("adaround.learning_rate");
  spec.config = read.text("config");
  for (const YamlNode& item : read.at("disable").items) spec.disable.push_back(item.text);
  if (read.has("encodings.policy")) spec.policy = read.word<EncodingsPolicy>("encodings.policy");
  if (read.has("encodings.names")) spec.encodings_names = read.text("encodings.names");
  if (read.has("encodings.freeze")) spec.freeze_encodings = read.text("encodings.freeze");
  if (read.has("encodings.import")) {
    spec.import_encodings = read.text("encodings.import");
    spec.missing = read.word<MissingEncodings>("encodings.missing");
    return spec;
  }
  const YamlNode& calibrate = read.at("encodings.calibrate");
  spec.calibration = build_dataset(calibrate, "samples");
  if (calibrate.find("batch_size")) spec.calibration_batch_size = Reader(calibrate).integer("batch_size");
  return spec;
}

/// Of a variant: `key` of a metric is one value for all, or a map from variant to value.
std::optional<double> value_for(const Reader& metric, const std::string& key, const std::string& variant) {
  if (!metric.has(key)) return std::nullopt;
  const std::string path = metric.at(key).is_mapping() ? key + "." + variant : key;
  return metric.has(path) ? std::optional(metric.number(path)) : std::nullopt;
}

void build_gates(const YamlNode& metrics, const std::string& baseline, VariantSpec& variant) {
  for (const YamlEntry& metric : metrics.entries) {
    const Reader read(metric.value);
    const Metric which = parse_word<Metric>(metric.key).value();
    if (const auto reference = value_for(read, "reference", variant.name))
      variant.gates.push_back({which, *reference, read.number("tolerance")});
    if (const auto drop = value_for(read, "max_drop", variant.name); drop && variant.name != baseline)
      variant.drop_gates.push_back({which, *drop, read.number("alpha")});
  }
}

}  // namespace

void make_paths_absolute(YamlNode& view, const std::filesystem::path& folder) {
  make_absolute(view, field_tree(), folder);
}

VariantSpec build_variant(const YamlNode& view, const std::string& name) {
  const Reader read(view);
  VariantSpec variant;
  variant.name = name;
  variant.model = build_model(read.at("model"));
  variant.dataset = build_dataset(read.at("dataset"), "subset");
  for (const YamlNode& item : read.at("preprocess").items) variant.preprocess.push_back(build_step(item));
  variant.quantization = build_quantization(read.at("quantization"));
  build_gates(read.at("metrics"), read.text("compare.baseline"), variant);
  return variant;
}

VariantSpec build_readable_variant(const YamlNode& view, const std::string& name) {
  const Reader read(view);
  VariantSpec variant;
  variant.name = name;
  if (read.has("model")) variant.model = build_model(read.at("model"));
  if (read.has("dataset")) variant.dataset = build_dataset(read.at("dataset"), "subset");
  if (read.has("preprocess"))
    for (const YamlNode& item : read.at("preprocess").items) variant.preprocess.push_back(build_step(item));
  const bool has_images = read.has("dataset") || read.has("quantization.encodings.calibrate.root");
  if (read.has("quantization") && has_images) variant.quantization = build_quantization(read.at("quantization"));
  return variant;
}

RunSettings build_run_settings(const YamlNode& view) {
  const Reader all(view);
  const Reader read(all.at("run"));
  RunSettings run;
  run.batch_size = read.integer("batch_size");
  run.device = read.text("device");
  run.threads = read.integer("threads");
  run.decode_threads = read.integer("decode_threads");
  run.replicas = read.integer("replicas");
  if (parse_integer(read.text("bad_images.max"))) {
    run.max_bad_images = read.integer64("bad_images.max");
  } else {
    run.max_bad_share = read.number("bad_images.max");
  }
  return run;
}

void build_job_part(const YamlNode& view, JobSpec& job) {
  const Reader read(view);
  job.name = read.text("name");
  job.tags.clear();
  for (const YamlNode& tag : read.at("tags").items) job.tags.push_back(tag.text);
  job.baseline = read.text("compare.baseline");
  job.preflight = read.text("preflight") == "on";
  job.export_encodings = read.text("output.export_encodings");
  job.encodings_version = read.text("output.encodings_version");
}

}  // namespace qeval
