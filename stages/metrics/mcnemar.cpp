#include "stages/metrics/mcnemar.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "stages/metrics/normal_distribution.h"

namespace qeval {
namespace {

constexpr std::int64_t few_discordant = 25;

struct Tail {
  double probability = 0;  ///< of `fewer` or less
  double last = 0;         ///< of `fewer` exactly
};

/// Of the binomial distribution at 1/2. From its largest term down, each from the one before: no digits are lost in
/// differences of large logarithms but for those of the first.
Tail lower_tail(std::int64_t fewer, std::int64_t trials) {
  const auto n = static_cast<double>(trials);
  double k = static_cast<double>(fewer);
  const double last =
      std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) - n * std::numbers::ln2);
  Tail tail{last, last};
  for (double term = last; k > 0 && term > tail.probability * 1e-18; --k) {
    term *= k / (n - k + 1);
    tail.probability += term;
  }
  return tail;
}

}  // namespace

double mcnemar_exact(std::int64_t broke, std::int64_t fixed) {
  return std::min(1.0, 2 * lower_tail(std::min(broke, fixed), broke + fixed).probability);
}

double mcnemar_mid_p(std::int64_t broke, std::int64_t fixed) {
  const Tail tail = lower_tail(std::min(broke, fixed), broke + fixed);
  return std::min(1.0, 2 * tail.probability - tail.last);
}

ChiSquared mcnemar_chi_squared(std::int64_t broke, std::int64_t fixed) {
  if (broke == fixed) return {};
  const auto apart = static_cast<double>(std::abs(broke - fixed) - 1);
  const double statistic = apart * apart / static_cast<double>(broke + fixed);
  return {statistic, two_sided_tail(std::sqrt(statistic))};
}

PairedTest mcnemar(std::int64_t broke, std::int64_t fixed) {
  if (broke + fixed < few_discordant) return {PairedTest::Method::exact, mcnemar_exact(broke, fixed)};
  return {PairedTest::Method::mid_p, mcnemar_mid_p(broke, fixed)};
}

}  // namespace qeval
