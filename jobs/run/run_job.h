#pragma once
/// Runs the variants of a job one after the other: finished ones are taken from the database, half-finished ones go on
/// where they stopped.
/// Errors: every Error class; what was committed before stays.
#include <filesystem>
#include <optional>
#include <string>

#include "jobs/language/job_spec.h"
#include "jobs/run/job_context.h"

namespace qeval {

struct RunJobOptions {
  std::filesystem::path database;       ///< as the user named it: for messages, and never an output
  std::optional<std::int64_t> limit{};  ///< evaluate only so many images, spread over the classes
  std::string overrides_json{};         ///< what the command line changed; stored with the run
  bool force = false;                   ///< outputs may replace files that qeval did not write
  bool again = false;                   ///< what is finished is computed once more, as a run of its own, and compared
  /// Resuming: the run's name, variant and key components. If the key has changed since, the job is refused and the
  /// differing components are named.
  std::optional<RunRecord> resumed{};
};

/// `checked`: all of the job's variants, as check_variants gives them with FirstWeights::kept.
[[nodiscard]] JobResult run_job(const JobSpec& job, const RunJobOptions& options, std::vector<PreparedVariant> checked,
                                const JobContext& context);

}  // namespace qeval
