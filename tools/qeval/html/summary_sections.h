#pragma once
/// What a reader wants first: the verdict, the gates, accuracies with intervals. Thread-safety: free functions.
#include "jobs/report/report.h"
#include "tools/qeval/html/html_writer.h"

namespace qeval {

void write_verdict(HtmlWriter& html, const Report& report);
void write_accuracy(HtmlWriter& html, const Report& report);

}  // namespace qeval
