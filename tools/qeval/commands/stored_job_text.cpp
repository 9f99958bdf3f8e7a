#include "tools/qeval/commands/stored_job_text.h"

#include <filesystem>

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "jobs/language/resolved_job.h"
#include "jobs/language/yaml_text.h"
#include "pipeline/base/visible_text.h"
#include "tools/qeval/commands/job_arguments.h"

namespace qeval {
namespace {

using Json = nlohmann::ordered_json;

Json stored_job(const RunRecord& run) { return Json::parse(mended_resolved_job(run.resolved_json)); }

/// A job file names outputs in its own folder alone. Returns one that was elsewhere.
std::string take_output_elsewhere(Json& job, const std::filesystem::path& job_file) {
  if (!job.contains("output") || !job["output"].contains("export_encodings")) return "";
  Json& output = job["output"]["export_encodings"];
  const auto path = output.get<std::string>();
  const std::filesystem::path inside = std::filesystem::path(path).lexically_relative(job_file.parent_path());
  if (inside.empty() || *inside.begin() == "..") {
    job["output"].erase("export_encodings");
    return path;
  }
  output = inside.string();
  return "";
}

/// A job file names no baseline that it does not have; the run did without it, or with one that was stored.
void drop_absent_baseline(Json& job) {
  const bool has_baseline = job.contains("compare") && job["compare"].contains("baseline");
  if (!has_baseline || job["variants"].contains(job["compare"]["baseline"].get<std::string>())) return;
  job.erase("compare");
  if (!job.contains("metrics")) return;
  for (auto& [metric, gate] : job["metrics"].items()) {
    gate.erase("max_drop");
    gate.erase("alpha");
  }
}

std::string again_text(const RunRecord& run, const std::string& output) {
  const JobArguments arguments = JobArguments::from_json(run.overrides_json, run.job_path);
  std::string text = fmt::format("qeval run FILE --variant {}", run.variant);
  if (arguments.limit) text += fmt::format(" --limit {}", *arguments.limit);
  if (!output.empty()) text += fmt::format(" --set output.export_encodings={}", output);
  return text;
}

}  // namespace

std::string stored_job_json(const RunRecord& run) { return stored_job(run).dump(2, ' ', true) + "\n"; }

std::string stored_job_yaml(const RunRecord& run) {
  Json job = stored_job(run);
  drop_absent_baseline(job);
  const std::string output = take_output_elsewhere(job, run.job_path);
  return fmt::format("# job {} of run {}, with all it implied\n# run it again: {}\n{}", visible_name(run.job_name),
                     run.name, visible_name(again_text(run, output)), yaml_of_json(job.dump(-1, ' ', true)));
}

}  // namespace qeval
