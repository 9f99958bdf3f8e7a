#pragma once
/// Ranges of encodings as bars on one axis that all rows of a table share: linear around 0, logarithmic beyond, since
/// ranges of one network lie powers of ten apart. Thread-safety: free functions; a RangeAxis is a value.
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tools/qeval/html/html_writer.h"

namespace qeval {

class RangeAxis {
 public:
  /// Of the ends of all ranges; those that are not finite count for nothing.
  explicit RangeAxis(std::span<const std::pair<double, double>> ranges);

  /// 0 … 1.
  double place(double value) const;
  /// "−8 … 120, logarithmic beyond ±0.01".
  std::string text() const;

 private:
  double bent(double value) const;
  double low_ = -1, high_ = 1, linear_ = 1;  ///< linear within ± linear_
};

/// One or two ranges, A above B. Not read out: the numbers stand beside it.
void draw_range_bars(HtmlWriter& html, const RangeAxis& axis, std::span<const std::pair<double, double>> ranges);

}  // namespace qeval
