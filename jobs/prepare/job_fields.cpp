#include "jobs/prepare/job_fields.h"

#include <algorithm>

#include <fmt/core.h>

#include "pipeline/base/visible_text.h"

namespace qeval {
namespace {

using Json = nlohmann::ordered_json;

std::string value_text(const Json& value) {
  if (value.is_null()) return "none";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

void add_fields(const Json& value, const std::string& path, JobFields& fields) {
  const bool is_steps = value.is_array() && !value.empty() && value.front().is_object();
  if (is_steps) {
    for (const Json& step : value) add_fields(step, path, fields);
  } else if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) add_fields(inner, path.empty() ? key : path + "." + key, fields);
  } else {
    fields.emplace_back(path, value_text(value));
  }
}

std::string take(JobFields& fields, const std::string& path) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.first == path; });
  if (found == fields.end()) return "none";
  std::string value = found->second;
  fields.erase(found);
  return value;
}

Json section_of(const Json& variant, const std::string& section) {
  return variant.is_object() && variant.contains(section) ? variant[section] : Json();
}

/// Of a section beside none: enough to know it by.
std::string section_text(const Json& section) {
  if (!section.is_object()) return value_text(section);
  std::string text;
  for (const auto& [key, value] : section.items())
    if (value.is_primitive()) text += fmt::format("{}{} {}", text.empty() ? "" : ", ", key, value_text(value));
  return text;
}

}  // namespace

Json variant_of_job(const std::string& resolved_json, const std::string& variant) {
  const Json job = Json::parse(resolved_json, nullptr, false);
  if (!job.is_object() || !job.contains("variants") || !job["variants"].is_object()) return {};
  return section_of(job["variants"], variant);
}

JobFields job_fields(const Json& value, const std::string& path) {
  JobFields fields;
  add_fields(value, path, fields);
  return fields;
}

std::vector<FieldChange> differing_fields(const Json& before, const Json& after, const std::string& section) {
  const Json first = section_of(before, section), second = section_of(after, section);
  if (first == second) return {};
  if (first.is_object() != second.is_object()) return {{section, section_text(first), section_text(second)}};
  const JobFields fields = job_fields(first, section);
  JobFields left = job_fields(second, section);
  std::vector<FieldChange> changes;
  for (const auto& [path, value] : fields)
    if (const std::string other = take(left, path); other != value) changes.push_back({path, value, other});
  for (const auto& [path, value] : left) changes.push_back({path, "none", value});
  return changes;
}

std::string change_text(const FieldChange& change) {
  return fmt::format("{} {} → {}", change.field, visible_name(change.before), visible_name(change.after));
}

}  // namespace qeval
