#pragma once
/// How a job's result is printed. Thread-safety: free function.
#include "jobs/run/job_result.h"
#include "tools/qeval/text/text_table.h"

namespace qeval {

/// The table `qeval run` ends with, to stdout: for people with the drop and the gates that were missed under it; in
/// other formats a row per variant, whose columns' names are read by scripts: never rename.
void print_job_result(const JobResult& result, TableFormat format = TableFormat::text);

}  // namespace qeval
