#pragma once
/// Which layers cost accuracy, where that was measured. Thread-safety: free functions.
#include "jobs/report/report.h"
#include "tools/qeval/html/html_writer.h"

namespace qeval {

bool has_sensitivity(const Report& report);

/// Nothing where none was measured.
void write_sensitivity(HtmlWriter& html, const Report& report);

}  // namespace qeval
