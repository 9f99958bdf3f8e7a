#include "jobs/report/tensor_ranges.h"

#include <algorithm>
#include <cmath>

namespace qeval {
namespace {

double reach(const TensorRange& range) { return std::max(std::abs(range.min), std::abs(range.max)); }

/// The lower one of two in the middle; 0 without any.
double median_reach(const std::vector<TensorRange>& ranges, bool of_weights) {
  std::vector<double> reaches;
  for (const TensorRange& range : ranges)
    if ((range.role == "param") == of_weights && !std::isnan(reach(range))) reaches.push_back(reach(range));
  if (reaches.empty()) return 0;
  const auto middle = reaches.begin() + static_cast<std::ptrdiff_t>((reaches.size() - 1) / 2);
  std::nth_element(reaches.begin(), middle, reaches.end());
  return *middle;
}

void flag_outliers(std::vector<TensorRange>& ranges) {
  for (const bool of_weights : {true, false}) {
    const double median = median_reach(ranges, of_weights);
    for (TensorRange& range : ranges)
      if ((range.role == "param") == of_weights) range.outlier = median > 0 && reach(range) > outlier_factor * median;
  }
}

}  // namespace

std::vector<TensorRange> tensor_ranges(const EncodingSetRecord& set) {
  std::vector<TensorRange> ranges;
  for (const EncodingRecord& row : set.encodings) {
    const bool follows = !ranges.empty() && ranges.back().tensor == row.tensor && ranges.back().role == row.role;
    if (!follows) ranges.push_back({row.role, row.tensor, row.bits, row.symmetric, 0, row.min, row.max});
    TensorRange& range = ranges.back();
    ++range.encodings;
    range.min = std::min(range.min, row.min);
    range.max = std::max(range.max, row.max);
  }
  flag_outliers(ranges);
  return ranges;
}

}  // namespace qeval
