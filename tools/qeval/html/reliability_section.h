#pragma once
/// How often the runs are right where they are sure. Thread-safety: free function.
#include "jobs/report/report.h"
#include "tools/qeval/html/html_writer.h"

namespace qeval {

void write_reliability(HtmlWriter& html, const Report& report);

}  // namespace qeval
