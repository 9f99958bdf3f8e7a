#include "jobs/compare/stored_run.h"

#include "jobs/prepare/job_fields.h"

namespace qeval {
namespace {

/// An object; empty where the text is none.
nlohmann::ordered_json section(const RunRecord& run, const char* name) {
  const auto job = nlohmann::ordered_json::parse(run.resolved_json, nullptr, false);
  const bool has_section = job.is_object() && job.contains(name) && job[name].is_object();
  return has_section ? job[name] : nlohmann::ordered_json::object();
}

}  // namespace

std::string key_component(const RunRecord& run, const std::string& name) {
  return key_component(run.key_components, name);
}

std::string key_component(const KeyComponents& components, const std::string& name) {
  const auto found = components.find(name);
  return found == components.end() ? "" : found->second;
}

nlohmann::ordered_json variant_in_job(const RunRecord& run, const std::string& variant) {
  return variant_of_job(run.resolved_json, variant);
}

std::string baseline_in_job(const RunRecord& run) {
  const auto compare = section(run, "compare");
  return compare.contains("baseline") && compare["baseline"].is_string() ? compare["baseline"].get<std::string>() : "";
}

}  // namespace qeval
