#pragma once
/// What the runs' jobs say, defaults filled in: first what differs. Thread-safety: free function.
#include "jobs/report/report.h"
#include "tools/qeval/html/html_writer.h"

namespace qeval {

void write_settings(HtmlWriter& html, const Report& report);

}  // namespace qeval
