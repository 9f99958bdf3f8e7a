#pragma once
/// Two runs on the images that both evaluated: what the second got wrong that the first had right, and how sure that
/// is. An image without a usable answer counts as wrong, as in a run's own score. Thread-safety: free functions.
#include <cstdint>

#include "stages/metrics/mcnemar.h"
#include "stages/metrics/paired_difference.h"
#include "storage/paired_rows.h"

namespace qeval {

/// Differences that chance makes more rarely than this count as real, unless a job or an option says otherwise.
inline constexpr double usual_alpha = 0.05;

/// Of top-1 or top-5; the interval holds shares at 95 %.
struct AccuracyChange {
  PairedCounts counts;
  PairedInterval interval;
  PairedTest test;

  /// In either direction.
  bool is_real(double alpha) const { return test.p < alpha; }
  /// By how much the second is worse, as a share of the images.
  double drop() const { return -interval.difference; }
};

struct UnusableImages {
  std::int64_t failed = 0, not_finite = 0;
};

struct Comparison {
  AccuracyChange top1, top5;
  std::int64_t moved = 0;  ///< both are wrong, each with a class of its own
  UnusableImages unusable_first, unusable_second;
  std::int64_t only_first = 0, only_second = 0, other_content = 0, other_label = 0;  ///< as PairedRows'
};

Comparison compare(const PairedRows& rows);

}  // namespace qeval
