#pragma once
/// The options that run, plan and zoo share, and what they make of a job file.
#include <optional>
#include <string>
#include <vector>

#include "jobs/language/job_parser.h"
#include "jobs/run/run_job.h"
#include "tools/qeval/commands/options.h"
#include "tools/qeval/text/telling.h"

namespace qeval {

/// What the command line changed about a job; stored with a run, so that resume can apply it again.
struct JobArguments {
  JobOverrides overrides;
  std::optional<std::int64_t> limit;
  bool force = false;  ///< outputs may replace files that qeval did not write

  std::string to_json() const;
  /// As stored in `database`. DatabaseError if it is damaged.
  static JobArguments from_json(const std::string& text, const std::filesystem::path& database);
};

/// "PATH=VALUE" → both halves; UsageError otherwise.
std::pair<std::string, std::string> split_assignment(const std::string& text);

/// Declares --set, --variant, --limit, --device, --batch-size.
void declare_job_options(Options& options);
/// Declares --db, --force, and what is told: --progress, --quiet, --verbose, --log-file, --log-format.
void declare_output_options(Options& options);

JobArguments job_arguments(const Options& options);
/// UsageError for words that are none.
Telling telling_of(const Options& options);
/// What run_job needs beside the job: database, limit, what was changed, and whether outputs are forced, now or when it
/// began.
RunJobOptions run_job_options(const Options& options, const JobArguments& arguments);

}  // namespace qeval
