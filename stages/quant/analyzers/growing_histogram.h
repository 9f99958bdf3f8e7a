#pragma once
/// aimet_torch 2's histogram observer: absolute counts, in a range that grows with the data, for tf_enhanced up to a
/// limit fixed by the first batch; on growth the old counts are spread over the new bins. f32 arithmetic, as torch does
/// it.
///
/// Counts are exact per batch; torch's own f32 counters stop at 2^24 per bin and thread. Thread-safety: none.
#include <span>
#include <vector>

#include "stages/quant/analyzers/state_codec.h"
#include "stages/quant/arithmetic/histogram.h"

namespace qeval {

class GrowingHistogram {
 public:
  /// `growth_limit`: how far the range may grow beyond the first batch's, in multiples of it, half to each side; may be
  /// infinite. 512 bins and 3 for tf_enhanced; 2048 and infinity for percentile and sqnr.
  GrowingHistogram(std::size_t bins, float growth_limit) : growth_limit_(growth_limit), counts_(bins) {}

  /// Batches without a finite value are skipped; infinities count into the outer bins, NaN nowhere.
  void observe(std::span<const float> values);

  bool empty() const { return empty_; }
  /// The stored range: equal to the outer edges except after a first batch of one single value.
  float min() const { return min_; }
  float max() const { return max_; }
  float edge(std::size_t i) const;
  std::size_t bins() const { return counts_.size(); }
  const std::vector<float>& counts() const { return counts_; }

  /// `tag`: of the observer the state belongs to.
  std::vector<std::uint8_t> serialize(StateTag tag) const;
  void restore(std::span<const std::uint8_t> state, StateTag tag);

 private:
  void start(std::span<const float> values, const ValueRange& range);
  std::vector<float> rebinned(float new_min, float new_max) const;
  void set_range(float min, float max);

  float growth_limit_;
  bool empty_ = true;
  float min_ = 0, max_ = 0;                 // stored range
  float left_limit_ = 0, right_limit_ = 0;  // the range never grows beyond
  float first_edge_ = 0, edge_step_ = 0;    // derived from the stored range
  std::vector<float> counts_;
};

}  // namespace qeval
