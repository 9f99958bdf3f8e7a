#include "stages/quant/bias_correction/clipped_normal.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace qeval {
namespace {

double density(double x) { return std::exp(-0.5 * x * x) * std::numbers::inv_sqrtpi / std::numbers::sqrt2; }
double below(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

/// What the share of values that is clipped to `limit` adds; an infinite limit clips none.
double clipped_part(double limit, double share) { return share == 0 ? 0 : limit * share; }

}  // namespace

double clipped_normal_mean(double mean, double deviation, double low, double high) {
  if (deviation == 0) return std::clamp(mean, low, high);
  const double a = (low - mean) / deviation, b = (high - mean) / deviation;
  return mean * (below(b) - below(a)) + deviation * (density(a) - density(b)) + clipped_part(low, below(a)) +
         clipped_part(high, below(-b));
}

}  // namespace qeval
