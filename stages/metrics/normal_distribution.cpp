#include "stages/metrics/normal_distribution.h"

#include <cmath>
#include <numbers>

namespace qeval {

double two_sided_tail(double z) { return std::erfc(std::abs(z) / std::numbers::sqrt2); }

double normal_quantile(double probability) {
  // Below the median alone, where a small tail keeps its digits.
  if (probability > 0.5) return -normal_quantile(1 - probability);
  double low = -40, high = 0;
  for (double middle = -20; low < middle && middle < high; middle = (low + high) / 2) {
    const bool is_above = two_sided_tail(middle) / 2 > probability;
    (is_above ? high : low) = middle;
  }
  return high;
}

}  // namespace qeval
