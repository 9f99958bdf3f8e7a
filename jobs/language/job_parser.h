#pragma once
/// YAML text → JobSpec. libfyaml is used only here.
/// Errors: JobError (a UsageError) whose message holds every diagnostic of the file, compiler style:
///   jobs/rx.yaml:4:3: error: unknown key 'wieghts' in model; did you mean 'weights'?
///     wieghts: /m.pth
///     ^~~~~~~
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "jobs/language/job_spec.h"
#include "pipeline/base/errors.h"

namespace qeval {

class JobError : public UsageError {
 public:
  explicit JobError(const std::string& message, std::shared_ptr<const JobSpec> readable = nullptr)
      : UsageError(message), readable_(std::move(readable)) {}

  /// What could be read in spite of the errors, for those who check more than the text: sections with an error are left
  /// empty (model.arch, dataset.root, preprocess, quantization.enabled), and the locator holds the errors. Null if
  /// nothing could.
  const std::shared_ptr<const JobSpec>& readable() const { return readable_; }

 private:
  std::shared_ptr<const JobSpec> readable_;
};

struct JobOverrides {
  std::vector<std::pair<std::string, std::string>> set;  ///< dotted path, YAML scalar
  std::vector<std::string> only_variants;
};

JobSpec parse_job_file(const std::filesystem::path& file, const JobOverrides& overrides = {});
/// `file` is used for messages and relative paths only.
JobSpec parse_job_text(const std::string& text, const std::filesystem::path& file, const JobOverrides& overrides = {});

/// The job that a run stored.
struct StoredJob {
  std::string resolved_json;     ///< JobSpec::resolved_json, of this version or an earlier one
  std::filesystem::path file;    ///< of the job that was run
  std::string shown_as;          ///< for messages: lines are those of the stored text, not of `file`
  bool output_anywhere = false;  ///< the command line named the output, so it may lie outside the job's folder
};

/// Gives the JobSpec that was run, whatever has become of the environment and the job file.
JobSpec parse_stored_job(const StoredJob& stored);

}  // namespace qeval
