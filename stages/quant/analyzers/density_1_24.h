#pragma once
/// The "PDF" of mode aimet-1.24: 512 bins over three times the first batch's range, averaged over batches without
/// weighting by batch size; the range never changes. Thread-safety: none.
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "stages/quant/histogram.h"

namespace qeval {

/// `left(i)` is a float; all derived values are computed in float as AIMET does.
class Density124 {
 public:
  /// Folds one batch. Batches of zeros before the first other one are remembered, but do not fix the range.
  /// Errors: RunError if the first range or its threefold is not finite.
  void observe(std::span<const float> values);

  bool has_range() const { return has_range_; }
  bool only_zeros() const { return seen_zeros_ && !has_range_; }

  float left(std::size_t bin) const { return start_ + static_cast<float>(bin) * bucket_; }
  /// Width of a bin as the difference of the first two edges: not the same float as the bucket size.
  float step() const { return left(1) - left(0); }
  /// Probability per bin; its sum is below 1 where values fell out of range.
  const std::array<double, histogram_bins>& probabilities() const { return probability_; }

  std::vector<std::uint8_t> serialize() const;
  void restore(std::span<const std::uint8_t> state);

 private:
  void fix_range(const ValueRange& range);

  bool has_range_ = false, seen_zeros_ = false;
  float start_ = 0, bucket_ = 0;
  std::int32_t batches_ = 0;
  std::array<double, histogram_bins> probability_{};
};

}  // namespace qeval
