#pragma once
/// One run against the report's first: counts, tests, classes, flips with pictures, confusions. Thread-safety: free
/// function.
#include <cstddef>

#include "jobs/report/report.h"
#include "tools/qeval/html/html_writer.h"

namespace qeval {

/// `number` of the comparison: 0, 1, …
void write_comparison(HtmlWriter& html, const Report& report, std::size_t number);

}  // namespace qeval
