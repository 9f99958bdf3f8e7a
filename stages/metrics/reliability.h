#pragma once
/// How often a classifier is right where it says that it is sure: reliability diagram and expected calibration error
/// (C. Guo, G. Pleiss, Y. Sun, K. Weinberger, "On calibration of modern neural networks", ICML 2017).
/// Thread-safety: free functions.
#include <cstdint>
#include <span>
#include <vector>

namespace qeval {

/// The probability of an answer, and whether it is right.
struct RatedAnswer {
  double probability = 0;
  bool right = false;
};

/// Answers with a probability in (low, high]; the first bin holds 0, too.
struct ReliabilityBin {
  double low = 0, high = 0;
  std::int64_t images = 0, right = 0;
  double probability_sum = 0;

  double confidence() const { return probability_sum / static_cast<double>(images); }
  double accuracy() const { return static_cast<double>(right) / static_cast<double>(images); }
};

/// Bins of equal width, those of Guo et al. unless told otherwise; empty ones are left out. Answers whose probability
/// is no share, as networks without a softmax at their end may give, are in no bin.
std::vector<ReliabilityBin> reliability_bins(std::span<const RatedAnswer> answers, int bins = 15);

/// Mean distance of accuracy and confidence over the bins, weighted by images; 0 without images.
double expected_calibration_error(std::span<const ReliabilityBin> bins);

}  // namespace qeval
