#pragma once
/// What a run can be checked and repeated by: attempts with their throughput, images that failed, environment, keys and
/// the job's text. Thread-safety: free functions.
#include "jobs/report/report.h"
#include "tools/qeval/html/html_writer.h"

namespace qeval {

void write_attempts(HtmlWriter& html, const Report& report);
void write_environment(HtmlWriter& html, const Report& report);
void write_jobs(HtmlWriter& html, const Report& report);

}  // namespace qeval
