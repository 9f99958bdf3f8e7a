#include "jobs/resolved_job.h"

#include <nlohmann/json.hpp>

#include "jobs/field_tree.h"
#include "jobs/scalar.h"

namespace qeval {
namespace {

using nlohmann::json;

json scalar_json(const YamlNode& node, const Field& field) {
  if (field.forms & form::any_scalar) return node.text;
  if (field.forms & form::boolean) return *parse_boolean(node.text);
  if (field.forms & form::integer) {
    if (const auto value = parse_integer(node.text)) return *value;
  }
  if (field.forms & (form::number | form::share)) {
    if (const auto value = parse_number(node.text)) return *value;
  }
  return node.text;
}

json value_json(const YamlNode& node, const FieldNode& row) {
  if (node.is_sequence()) {
    json list = json::array();
    for (const YamlNode& item : node.items) list.push_back(value_json(item, *row.item()));
    return list;
  }
  if (!node.is_mapping()) return scalar_json(node, *row.field);
  json map = json::object();
  for (const YamlEntry& entry : node.entries) map[entry.key] = value_json(entry.value, *row.child(entry.key));
  return map;
}

json subset_json(const SubsetSpec& subset) {
  switch (subset.kind) {
    case SubsetSpec::Kind::all:
      return "all";
    case SubsetSpec::Kind::first:
      return {{"first", subset.count}};
    case SubsetSpec::Kind::per_class:
      return {{"per_class", subset.count}};
    case SubsetSpec::Kind::list:
      return "list";
  }
  return nullptr;
}

std::vector<double> three_channels(const std::vector<double>& values) {
  return values.size() == 1 ? std::vector<double>(3, values.front()) : values;
}

json step_json(const StepSpec& step) {
  json out{{"kind", step.kind}};
  if (step.kind == "decode") {
    out["max_pixels"] = step.max_pixels;
    out["max_scans"] = step.max_scans;
  } else if (step.kind == "resize") {
    out["filter"] = step.filter;
    out["emulate"] = step.emulate;
    if (step.short_side) out["short_side"] = *step.short_side;
    if (step.height) out["size"] = {*step.height, *step.width};
  } else if (step.kind == "center_crop") {
    if (step.crop) out["size"] = *step.crop;
    if (step.padding) out["padding"] = *step.padding;
    if (step.fraction) out["fraction"] = *step.fraction;
  } else {
    out["range"] = step.range;
    out["mean"] = three_channels(step.mean);
    out["std"] = three_channels(step.std);
  }
  return out;
}

json quantization_json(const QuantizationSpec& spec, const RunSettings& run) {
  if (!spec.enabled) return "none";
  json out{
      {"executor", spec.executor},
      {"mode", spec.mode},
      {"scheme", spec.scheme},
      {"param", {{"bits", spec.param_bits}, {"symmetric", spec.param_symmetric}, {"per_channel", spec.per_channel}}},
      {"activation", {{"bits", spec.activation_bits}, {"symmetric", spec.activation_symmetric}}},
      {"quantize_input", spec.quantize_input},
      {"quantize_bias", spec.quantize_bias},
      {"share_module_quantizers", spec.share_module_quantizers},
      {"config", "aimet-default"}};
  if (!spec.import_encodings.empty()) {
    out["encodings"] = {{"import", {{"missing", spec.missing}}}};
  } else {
    const int batch_size = spec.calibration_batch_size > 0 ? spec.calibration_batch_size : run.batch_size;
    out["encodings"] = {{"calibrate", {{"samples", subset_json(spec.calibration.subset)}, {"batch_size", batch_size}}}};
  }
  return out;
}

}  // namespace

std::string resolved_job_json(const std::vector<std::pair<std::string, YamlNode>>& views) {
  json variants = json::object(), job;
  for (const auto& [name, view] : views) {
    job = value_json(view, field_tree());
    json sections = json::object();
    for (const FieldNode& section : field_tree().exact("variants")->any()->children) {
      sections[section.key] = std::move(job[section.key]);
      job.erase(section.key);
    }
    variants[name] = std::move(sections);
  }
  job["variants"] = std::move(variants);
  return job.dump(2);
}

std::string canonical_variant_json(const VariantSpec& variant, const RunSettings& run) {
  json out{{"model",
            {{"arch", variant.model.arch},
             {"fold_batch_norm", variant.model.fold_batch_norm},
             {"parameters", variant.model.parameters}}},
           {"subset", subset_json(variant.dataset.subset)},
           {"preprocess", json::array()},
           {"quantization", quantization_json(variant.quantization, run)}};
  for (const StepSpec& step : variant.preprocess) out["preprocess"].push_back(step_json(step));
  return out.dump();
}

}  // namespace qeval
