#pragma once
/// Reliability diagram: of answers that were given with some probability, how many are right. Thread-safety: free
/// function.
#include <string>
#include <vector>

#include "stages/metrics/reliability.h"
#include "tools/qeval/html/html_writer.h"

namespace qeval {

/// One curve per series, at most chart_series of them.
void draw_reliability_chart(HtmlWriter& html, const std::vector<std::vector<ReliabilityBin>>& curves,
                            const std::string& description);

}  // namespace qeval
