#pragma once
/// Wilson's score interval for a share of successes (E. B. Wilson, JASA 22, 1927, 209–212), 95 % two-sided, without
/// continuity correction. Thread-safety: pure function.
#include <cstdint>

namespace qeval {

struct Interval {
  double low = 0, high = 0;
};

/// trials > 0, 0 ≤ successes ≤ trials.
Interval wilson_interval(std::int64_t successes, std::int64_t trials);

}  // namespace qeval
