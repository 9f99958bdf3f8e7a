#include "storage/wilson.h"

#include <algorithm>
#include <cmath>

namespace qeval {

Interval wilson_interval(std::int64_t successes, std::int64_t trials) {
  constexpr double z = 1.959963984540054;  // 97.5 % quantile of the normal distribution
  const double n = static_cast<double>(trials);
  const double share = static_cast<double>(successes) / n;
  const double denominator = 1 + z * z / n;
  const double center = (share + z * z / (2 * n)) / denominator;
  const double half = z / denominator * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  // At 0 and at `trials` one end is exact; rounding must not push it out of [0, 1].
  return {successes == 0 ? 0.0 : std::max(0.0, center - half),
          successes == trials ? 1.0 : std::min(1.0, center + half)};
}

}  // namespace qeval
