#include "jobs/compare/comparability.h"

#include <algorithm>

#include <fmt/core.h>

#include "jobs/compare/job_fields.h"
#include "jobs/compare/stored_run.h"
#include "jobs/prepare/changed_images.h"

namespace qeval {
namespace {

JobFields section_fields(const RunRecord& run, const std::string& section) {
  const auto variant = variant_in_job(run, run.variant);
  return variant.is_object() && variant.contains(section) ? job_fields(variant[section], section) : JobFields();
}

std::string take(JobFields& fields, const std::string& path) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.first == path; });
  if (found == fields.end()) return "none";
  std::string value = found->second;
  fields.erase(found);
  return value;
}

void add_differing_fields(const RunRecord& first, const RunRecord& second, const std::string& section,
                          std::vector<std::string>& differences) {
  JobFields left = section_fields(second, section);
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
