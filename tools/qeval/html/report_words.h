#pragma once
/// How a report names runs and writes figures, the same in all its parts. Thread-safety: free functions.
#include <cstdint>
#include <string>

#include "jobs/report/report.h"
#include "storage/cell.h"
#include "tools/qeval/html/html_writer.h"
#include "tools/qeval/text/comparison_tables.h"

namespace qeval {

/// "w8a8 (warm-finch-13)".
std::string run_label(const RunRecord& run);

/// "78.760 (78.40–79.12)", of what was evaluated so far; empty before the first image.
Cell accuracy_cell(std::int64_t right, const RunRecord& run);

/// With so many decimals; empty for NaN.
Cell decimals_cell(double value, int decimals);
/// With so many digits that count.
Cell digits_cell(double value, int digits);

/// Beside the report's first run; without rows.
ComparedRun compared_run(const Report& report, const ReportedComparison& comparison);

/// The flips that a report shows, with the names of their images.
Table reported_flips_table(const Report& report, const ReportedComparison& comparison, TableFormat format);

/// "qeval compare A B": the command for what a report cuts short.
std::string compare_command(const Report& report, const ReportedComparison& comparison, const std::string& options);

/// A heading of the second rank with an id, which the page's list of contents leads to.
void write_heading(HtmlWriter& html, const std::string& id, const std::string& title);

}  // namespace qeval
