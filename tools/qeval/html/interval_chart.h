#pragma once
/// Dots with intervals, one below the other, on an axis around the data. Thread-safety: free function.
#include <cstddef>
#include <string>
#include <vector>

#include "tools/qeval/html/html_writer.h"

namespace qeval {

struct IntervalMark {
  std::string label;
  double value = 0, low = 0, high = 0;
  std::size_t series = 0;
};

/// `description` is what is read out instead of the chart. With `zero`, the axis goes through 0, where a line stands.
void draw_interval_chart(HtmlWriter& html, const std::vector<IntervalMark>& marks, const std::string& axis_title,
                         const std::string& description, bool zero = false);

}  // namespace qeval
