#include "stages/metrics/binomial.h"

#include <algorithm>
#include <cmath>

namespace qeval {
namespace {

double probability_of(int successes, int trials, double p) {
  const int failures = trials - successes;
  if (p <= 0) return successes == 0 ? 1 : 0;
  if (p >= 1) return failures == 0 ? 1 : 0;
  return std::exp(std::lgamma(trials + 1.0) - std::lgamma(successes + 1.0) - std::lgamma(failures + 1.0) +
                  successes * std::log(p) + failures * std::log1p(-p));
}

double probability_between(int first, int last, int trials, double p) {
  double sum = 0;
  for (int successes = std::max(first, 0); successes <= std::min(last, trials); ++successes)
    sum += probability_of(successes, trials, p);
  return std::min(sum, 1.0);
}

}  // namespace

double binomial_at_least(int successes, int trials, double p) {
  return probability_between(successes, trials, trials, p);
}

double binomial_at_most(int successes, int trials, double p) { return probability_between(0, successes, trials, p); }

}  // namespace qeval
