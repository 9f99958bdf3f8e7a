#include "jobs/language/resolved_job.h"

#include <nlohmann/json.hpp>

#include "jobs/language/field_tree.h"
#include "jobs/language/scalar.h"

namespace qeval {
namespace {

/// Keeps the order in which variants, metrics and values were written: it is the order of the runs.
using Json = nlohmann::ordered_json;

/// A "${" that is left after expansion is meant literally, except for the variant's name in an output path.
std::string escaped(const std::string& text, const Field& field) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string_view rest = std::string_view(text).substr(i);
    const bool is_variant = field.path == "output.export_encodings" && rest.starts_with("${variant}");
    if (rest.starts_with("${") && !is_variant) out += '$';
    out += text[i];
  }
  return out;
}

Json scalar_json(const YamlNode& node, const Field& field) {
  if (field.forms & form::any_scalar) return escaped(node.text, field);
  if (field.forms & form::boolean) return *parse_boolean(node.text);
  if (field.forms & form::integer) {
    if (const auto value = parse_integer(node.text)) return *value;
  }
  if (field.forms & (form::number | form::share)) {
    if (const auto value = parse_number(node.text)) return *value;
  }
  return escaped(node.text, field);
}

Json value_json(const YamlNode& node, const FieldNode& row) {
  if (node.is_sequence()) {
    Json list = Json::array();
    for (const YamlNode& item : node.items) list.push_back(value_json(item, *row.item()));
    return list;
  }
  if (!node.is_mapping()) return scalar_json(node, *row.field);
  Json map = Json::object();
  for (const YamlEntry& entry : node.entries) map[entry.key] = value_json(entry.value, *row.child(entry.key));
  return map;
}

/// Values by variant, without those of variants that are not there; the key goes with what makes sense beside it alone
/// where none is left.
void keep_present(Json& gate, const char* key, const char* beside, const Json& variants) {
  if (!gate.contains(key) || !gate[key].is_object()) return;
  Json present = Json::object();
  for (const auto& [variant, value] : gate[key].items())
    if (variants.contains(variant)) present[variant] = value;
  if (present.empty()) {
    gate.erase(key);
    gate.erase(beside);
  } else {
    gate[key] = std::move(present);
  }
}

/// Gates name variants; one that was not selected is no longer there to be named.
void drop_absent_variants(Json& job, const Json& variants) {
  if (!job.contains("metrics")) return;
  Json kept = Json::object();
  for (auto& [metric, gate] : job["metrics"].items()) {
    const bool was_empty = gate.empty();
    keep_present(gate, "reference", "tolerance", variants);
    keep_present(gate, "max_drop", "alpha", variants);
    if (was_empty || !gate.empty()) kept[metric] = gate;
  }
  job["metrics"] = std::move(kept);
}

/// ASCII alone: YAML takes U+0085 and U+2028, which a text may hold, for line ends, and some others for no text at all.
std::string dumped(const Json& job) { return job.dump(2, ' ', true); }

}  // namespace

std::string resolved_job_json(const std::vector<std::pair<std::string, YamlNode>>& views) {
  Json variants = Json::object(), job;
  for (const auto& [name, view] : views) {
    job = value_json(view, field_tree());
    Json sections = Json::object();
    for (const FieldNode& section : field_tree().exact("variants")->any()->children) {
      if (!section.field->in_variants) continue;  // what a variant needs is decided
      sections[section.key] = std::move(job[section.key]);
      job.erase(section.key);
    }
    variants[name] = std::move(sections);
  }
  drop_absent_variants(job, variants);
  job["variants"] = std::move(variants);
  return dumped(job);
}

std::string mended_resolved_job(const std::string& stored) {
  Json job = Json::parse(stored, nullptr, false);
  if (!job.is_object() || !job.contains("metrics") || !job["metrics"].is_object()) return stored;
  bool mended = false;
  for (auto& [metric, gate] : job["metrics"].items()) {
    if (!gate.is_object() || !gate.contains("reference") || !gate["reference"].is_null()) continue;
    gate.erase("reference");
    mended = true;
  }
  return mended ? dumped(job) : stored;
}

}  // namespace qeval
