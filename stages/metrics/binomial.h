#pragma once
/// Tails of the binomial distribution, summed term by term: for some hundreds of trials. Thread-safety: free functions.

namespace qeval {

/// Probability of `successes` or more among `trials` of probability `p` each, 0 ≤ p ≤ 1.
double binomial_at_least(int successes, int trials, double p);
/// Of so many or fewer.
double binomial_at_most(int successes, int trials, double p);

}  // namespace qeval
