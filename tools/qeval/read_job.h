#pragma once
/// A job file, parsed and checked against what the stages can do. Every verb that takes a job reads it here.
#include "jobs/job_parser.h"

namespace qeval {

/// As parse_job_file. Errors: UsageError, also for a scheme that the chosen numerics mode does not have.
JobSpec read_job(const std::filesystem::path& file, const JobOverrides& overrides);

}  // namespace qeval
