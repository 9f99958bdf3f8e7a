#include "jobs/compare/job_fields.h"

namespace qeval {
namespace {

void add_job_fields(const nlohmann::ordered_json& value, const std::string& path, JobFields& fields) {
  const bool is_steps = value.is_array() && !value.empty() && value.front().is_object();
  if (is_steps) {
    for (const auto& step : value) add_job_fields(step, path, fields);
  } else if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) add_job_fields(inner, path.empty() ? key : path + "." + key, fields);
  } else {
    fields.emplace_back(path, value.is_string() ? value.get<std::string>() : value.dump());
  }
}

}  // namespace

JobFields job_fields(const nlohmann::ordered_json& value, const std::string& path) {
  JobFields fields;
  add_job_fields(value, path, fields);
  return fields;
}

}  // namespace qeval
