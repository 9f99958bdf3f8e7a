#pragma once
/// What the encodings of the runs span, and how that differs from another set. Thread-safety: free functions.
#include <string>
#include <vector>

#include "jobs/report/report.h"
#include "tools/qeval/commands/encodings_diff.h"
#include "tools/qeval/html/html_writer.h"

namespace qeval {

/// What a run's ranges are compared with.
struct EncodingsComparison {
  std::size_t run = 0;  ///< index in Report::runs: B
  std::string name;     ///< of the other set: A
  EncodingsDiff diff;
};

bool has_encodings(const Report& report);

/// Nothing where no run has encodings.
void write_encodings(HtmlWriter& html, const Report& report, const std::vector<EncodingsComparison>& comparisons);

}  // namespace qeval
