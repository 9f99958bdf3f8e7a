#pragma once
/// Comparing two classifiers, or two sets of losses, on the same images. Thread-safety: free functions.
#include <cstdint>
#include <span>

#include "stages/metrics/top_k.h"

namespace qeval {

struct PairedInterval {
  double difference = 0, low = 0, high = 0;
};

/// Share of images that only the second classifier has right minus the share that only the first has right, with its
/// 95 % interval: Wald with half a count added to each cell of the 2×2 table (Agresti & Min, "Simple improved
/// confidence intervals for comparing matched proportions", Statistics in Medicine 24, 2005). `difference` is the plain
/// estimate, the interval is centred on the adjusted one. All zero without images.
PairedInterval paired_accuracy_interval(std::int64_t broke, std::int64_t fixed, std::int64_t images);

/// Mean of paired differences and its 95 % normal interval (z · s/√n with the sample standard deviation), from their
/// sum and sum of squares. Without a width for fewer than two images.
PairedInterval paired_mean_interval(double sum, double squares, std::int64_t images);

/// Kullback–Leibler divergence in nats of softmax(`logits`) from softmax(`reference`), in double; never negative.
/// NaN where a logit is not finite.
double softmax_divergence(std::span<const float> reference, std::span<const float> logits);

/// The same of networks that end in probabilities: of these, as shares of their sum; one below the smallest normal
/// float, also none at all, counts as that.
double score_divergence(std::span<const float> reference, std::span<const float> scores, ScoreKind kind);

}  // namespace qeval
