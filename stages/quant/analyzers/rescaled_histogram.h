#pragma once
/// DlQuantization's histogram of scheme entropy: 512 bins of whole counts over the range of all values so far; when the
/// range grows, the old counts are spread over the new bins. Double and float arithmetic as AIMET mixes them.
/// Thread-safety: none.
#include <cstdint>
#include <span>
#include <vector>

#include "stages/quant/analyzers/state_codec.h"
#include "stages/quant/arithmetic/histogram.h"

namespace qeval {

class RescaledHistogram {
 public:
  /// Batches of zeros are skipped. Errors: RunError if the range is not finite.
  void observe(std::span<const float> values);

  bool seen() const { return seen_; }
  bool empty() const { return counts_.empty(); }
  double min() const { return min_; }
  double max() const { return max_; }
  const std::vector<double>& counts() const { return counts_; }

  std::vector<std::uint8_t> serialize(StateTag tag) const;
  void restore(std::span<const std::uint8_t> state, StateTag tag);

 private:
  void grow(double new_min, double new_max);

  bool seen_ = false;
  double min_ = 0, max_ = 0;
  std::vector<double> counts_;
};

/// Whole counts of `counts` over [from_min, from_max] spread over as many bins of [to_min, to_max].
std::vector<double> spread_counts(const std::vector<double>& counts, double from_min, double from_max, double to_min,
                                  double to_max);

}  // namespace qeval
