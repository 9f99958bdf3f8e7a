#pragma once
/// How a job's result is printed. Thread-safety: free function.
#include "jobs/run/job_result.h"

namespace qeval {

/// The table `qeval run` ends with, to stdout.
void print_job_result(const JobResult& result);

}  // namespace qeval
