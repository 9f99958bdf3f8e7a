#pragma once
/// aimet_torch 2's histogram observer: 512 bins with absolute counts, whose range grows with the data up to a limit
/// fixed by the first batch; on growth the old counts are spread over the new bins. f32 arithmetic, as torch does it.
///
/// Counts are exact per batch; torch's own f32 counters stop at 2^24 per bin and thread. Thread-safety: none.
#include <array>
#include <span>
#include <vector>

#include "stages/quant/histogram.h"

namespace qeval {

class GrowingHistogram {
 public:
  /// Batches without a finite value are skipped; infinities count into the outer bins, NaN nowhere.
  void observe(std::span<const float> values);

  bool empty() const { return empty_; }
  /// The stored range: equal to the outer edges except after a first batch of one single value.
  float min() const { return min_; }
  float max() const { return max_; }
  float edge(std::size_t i) const;
  const std::array<float, histogram_bins>& counts() const { return counts_; }

  std::vector<std::uint8_t> serialize() const;
  void restore(std::span<const std::uint8_t> state);

 private:
  void start(std::span<const float> values, const ValueRange& range);
  std::array<float, histogram_bins> rebinned(float new_min, float new_max) const;
  void set_range(float min, float max);

  bool empty_ = true;
  float min_ = 0, max_ = 0;                // stored range
  float left_limit_ = 0, right_limit_ = 0; // the range never grows beyond
  float first_edge_ = 0, edge_step_ = 0;   // derived from the stored range
  std::array<float, histogram_bins> counts_{};
};

}  // namespace qeval
