#pragma once
/// The "PDF" of AIMET's DlQuantization: bins over three times the first batch's range, averaged over batches without
/// weighting by batch size; the range never changes, and what falls out of it later is dropped. Thread-safety: none.
#include <cstdint>
#include <span>
#include <vector>

#include "stages/quant/analyzers/state_codec.h"
#include "stages/quant/arithmetic/histogram.h"

namespace qeval {

/// How bins are laid over the range.
enum class DensityLayout {
  float_edges,   ///< 1.24, 1.31: 512 bins, edges in float; values go to the nearest left edge
  double_edges,  ///< 2024: as before with edges in double
  zero_aligned,  ///< aimet-onnx 2.42: 1536 bins whose edges are whole multiples of the width; values go to the bin
                 ///< that contains them
};

/// Of the modes aimet-1.24 to aimet-onnx-2.
DensityLayout density_layout(NumericsMode mode);

class Density {
 public:
  explicit Density(DensityLayout layout);

  /// Folds one batch. Batches of zeros before the first other one are remembered, but do not fix the range.
  /// Errors: RunError if the first range or its threefold is not finite.
  void observe(std::span<const float> values);

  bool has_range() const { return has_range_; }
  bool only_zeros() const { return seen_zeros_ && !has_range_; }

  std::size_t bins() const { return probability_.size(); }
  double left(std::size_t bin) const;
  /// Width of a bin as the difference of the first two edges: not the same float as the bucket size.
  float step() const { return static_cast<float>(left(1) - left(0)); }
  /// Probability per bin; its sum is below 1 where values fell out of range.
  const std::vector<double>& probabilities() const { return probability_; }

  struct Range {
    float min, max;
  };
  /// Left edges of the lowest and the highest non-empty bin (the search from above stops before bin 0), widened to hold
  /// zero and to span at least 0.01.
  Range observed_range() const;

  /// `tag`: of the observer the state belongs to.
  std::vector<std::uint8_t> serialize(StateTag tag) const;
  void restore(std::span<const std::uint8_t> state, StateTag tag);

 private:
  void fix_range(const ValueRange& range);
  BinCounts count(std::span<const float> values) const;

  DensityLayout layout_;
  bool has_range_ = false, seen_zeros_ = false;
  double start_ = 0, bucket_ = 0;  // zero_aligned: start_ in buckets
  std::int32_t batches_ = 0;
  std::vector<double> probability_;
};

}  // namespace qeval
