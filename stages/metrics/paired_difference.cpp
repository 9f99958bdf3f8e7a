#include "stages/metrics/paired_difference.h"

#include <algorithm>
#include <cmath>

#include "stages/metrics/normal_distribution.h"

namespace qeval {
namespace {

/// Tango's statistic at the difference `delta`, which falls as that grows. The share of images that only the first has
/// right, given `delta`, is the larger root of its likelihood equation.
double score(const PairedCounts& counts, double delta) {
  const auto n = static_cast<double>(counts.images());
  const auto broke = static_cast<double>(counts.broke), fixed = static_cast<double>(counts.fixed);
  const double a = 2 * n, b = -fixed - broke + (2 * n - fixed + broke) * delta;
  const double c = -broke * delta * (1 - delta);
  const double only_first = (std::sqrt(std::max(0.0, b * b - 4 * a * c)) - b) / (2 * a);
  const double variance = n * (2 * only_first + delta * (1 - delta));
  return (fixed - broke - n * delta) / std::sqrt(std::max(variance, 0.0));
}

/// The difference between `inside`, which is not rejected, and `outside` where |score| is `z`; `outside` if none is.
double limit(const PairedCounts& counts, double inside, double outside, double z) {
  for (int step = 0; step < 200; ++step) {
    const double middle = (inside + outside) / 2;
    if (middle == inside || middle == outside) break;
    (std::abs(score(counts, middle)) > z ? outside : inside) = middle;
  }
  return outside;
}

}  // namespace

PairedInterval paired_score_interval(const PairedCounts& counts, double confidence) {
  if (counts.images() == 0) return {};
  const double difference = static_cast<double>(counts.fixed - counts.broke) / static_cast<double>(counts.images());
  const double z = normal_quantile((1 + confidence) / 2);
  return {difference, limit(counts, difference, -1, z), limit(counts, difference, 1, z)};
}

std::optional<std::int64_t> images_that_would_tell(const PairedCounts& counts, double alpha) {
  if (counts.broke == counts.fixed) return std::nullopt;
  const auto n = static_cast<double>(counts.images());
  const double discordant = static_cast<double>(counts.discordant()) / n;
  const double difference = static_cast<double>(counts.fixed - counts.broke) / n;
  const double root = normal_quantile(1 - alpha / 2) * std::sqrt(discordant) +
                      normal_quantile(telling_power) * std::sqrt(std::max(0.0, discordant - difference * difference));
  return std::llround(std::ceil(root * root / (difference * difference)));
}

}  // namespace qeval
