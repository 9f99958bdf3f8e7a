#pragma once
/// The standard normal distribution. Thread-safety: free functions.

namespace qeval {

/// Probability of a value further from 0 than `z`, on either side.
double two_sided_tail(double z);

/// The value below which lies the share `probability`, 0 < probability < 1; to the last bits of a double.
double normal_quantile(double probability);

}  // namespace qeval
