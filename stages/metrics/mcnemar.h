#pragma once
/// McNemar's test of whether two classifiers are right equally often on the same images: of the images that only one of
/// them has right, each would be either's with probability 1/2. All p-values are two-sided. Sources: Q. McNemar,
/// Psychometrika 12, 1947; A. L. Edwards, Psychometrika 13, 1948 (continuity); M. W. Fagerland, S. Lydersen, P. Laake,
/// BMC Medical Research Methodology 13:91, 2013 (mid-p). Thread-safety: free functions.
#include <cstdint>

namespace qeval {

/// Binomial p-value of min(broke, fixed) among broke + fixed.
double mcnemar_exact(std::int64_t broke, std::int64_t fixed);

/// The same with half the probability of what was observed: nearly never too often significant, and not as rarely as
/// the exact test is.
double mcnemar_mid_p(std::int64_t broke, std::int64_t fixed);

struct ChiSquared {
  double statistic = 0, p = 1;  ///< one degree of freedom
};

/// With Edwards' continuity correction; 0 where both are the same, as R has it.
ChiSquared mcnemar_chi_squared(std::int64_t broke, std::int64_t fixed);

/// The p-value that decides.
struct PairedTest {
  enum class Method { exact, mid_p };
  Method method = Method::exact;
  double p = 1;
};

/// Exact below 25 images that differ, mid-p from there on.
PairedTest mcnemar(std::int64_t broke, std::int64_t fixed);

}  // namespace qeval
