#include "jobs/compare/comparability.h"

#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "jobs/compare/stored_run.h"
#include "jobs/prepare/changed_images.h"

namespace qeval {
namespace {

using Json = nlohmann::ordered_json;

/// Values by their path in a job, in its order.
using Fields = std::vector<std::pair<std::string, std::string>>;

/// A list of maps with one key each, as steps are, goes by those keys.
void add_fields(const Json& value, const std::string& path, Fields& fields) {
  const bool is_steps = value.is_array() && !value.empty() && value.front().is_object();
  if (is_steps) {
    for (const Json& step : value) add_fields(step, path, fields);
  } else if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) add_fields(inner, fmt::format("{}.{}", path, key), fields);
  } else {
    fields.emplace_back(path, value.is_string() ? value.get<std::string>() : value.dump());
  }
}

Fields section_fields(const RunRecord& run, const std::string& section) {
  Fields fields;
  const Json variant = variant_in_job(run, run.variant);
  if (variant.is_object() && variant.contains(section)) add_fields(variant[section], section, fields);
  return fields;
}

std::string take(Fields& fields, const std::string& path) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.first == path; });
  if (found == fields.end()) return "none";
  std::string value = found->second;
  fields.erase(found);
  return value;
}

void add_differing_fields(const RunRecord& first, const RunRecord& second, const std::string& section,
                          std::vector<std::string>& differences) {
  Fields left = section_fields(second, section);
  for (const auto& [path, value] : section_fields(first, section))
    if (const std::string other = take(left, path); other != value)
      differences.push_back(fmt::format("{}: {} → {}", path, value, other));
  for (const auto& [path, value] : left) differences.push_back(fmt::format("{}: none → {}", path, value));
}

}  // namespace

bool same_pictures(const RunRecord& first, const RunRecord& second) {
  return key_component(first, "manifest") == key_component(second, "manifest") &&
         key_component(first, "preprocess") == key_component(second, "preprocess");
}

std::vector<std::string> differing_pictures(const StoredInputs& stored, const RunRecord& first,
                                            const RunRecord& second) {
  std::vector<std::string> differences;
  if (const std::string a = key_component(first, "manifest"), b = key_component(second, "manifest"); a != b) {
    const std::string images = changed_images_text(stored.samples(a), stored.samples(b));
    differences.push_back("images: " + (images.empty() ? "in another order" : images));
  }
  if (key_component(first, "preprocess") == key_component(second, "preprocess")) return differences;
  const std::size_t before = differences.size();
  add_differing_fields(first, second, "preprocess", differences);
  // The job says the same; what carries it out is another version.
  if (differences.size() == before)
    differences.push_back(
        fmt::format("preprocess: {} → {}", key_component(first, "preprocess"), key_component(second, "preprocess")));
  return differences;
}

}  // namespace qeval
