// Expectations computed with SciPy 1.17.1: binomtest, norm.interval, entropy over softmax.
#include "stages/metrics/paired_comparison.h"

#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace qeval {
namespace {

TEST(PairedAccuracyInterval, IsAgrestiAndMinsAdjustedWald) {
  const PairedInterval interval = paired_accuracy_interval(30, 7, 200);
  EXPECT_DOUBLE_EQ(interval.difference, -0.115);
  EXPECT_NEAR(interval.low, -0.1715756190687894, 1e-12);
  EXPECT_NEAR(interval.high, -0.05614715320843832, 1e-12);
}

TEST(PairedAccuracyInterval, HasAWidthWithoutAnyDifference) {
  const PairedInterval interval = paired_accuracy_interval(0, 0, 100);
  EXPECT_EQ(interval.difference, 0);
  EXPECT_LT(interval.low, 0);
  EXPECT_DOUBLE_EQ(interval.low, -interval.high);
}

TEST(PairedMeanInterval, IsScipysNormalInterval) {
  const PairedInterval interval = paired_mean_interval(3.0, 7.875, 6);  // 1.5, −0.25, 0, 2, 0.75, −1
  EXPECT_DOUBLE_EQ(interval.difference, 0.5);
  EXPECT_NEAR(interval.low, -0.4034987545079969, 1e-12);
  EXPECT_NEAR(interval.high, 1.4034987545079969, 1e-12);
  const PairedInterval single = paired_mean_interval(2, 4, 1);
  EXPECT_EQ(single.low, single.high);
}

TEST(SoftmaxDivergence, IsScipysEntropyAndIgnoresAShift) {
  const std::array<float, 4> p{1, 2, -3, 0.5f}, q{0.5f, 2.5f, -2, 0}, shifted{300.5f, 302.5f, 298, 300};
  EXPECT_NEAR(softmax_divergence(p, q), 0.10501605534275744, 1e-12);
  EXPECT_NEAR(softmax_divergence(p, shifted), 0.10501605534275744, 1e-12);
  EXPECT_EQ(softmax_divergence(p, p), 0);
}

TEST(SoftmaxDivergence, OfABrokenLogitIsNotANumber) {
  const std::array<float, 2> p{1, 2}, broken{1, std::numeric_limits<float>::quiet_NaN()};
  EXPECT_TRUE(std::isnan(softmax_divergence(p, broken)));
}

TEST(ScoreDivergence, OfProbabilitiesIsTheirOwn) {
  const std::vector<float> half{0.5f, 0.5f}, quarter{0.25f, 0.75f}, none{0, 1};
  const double expected = 0.5 * std::log(0.5 / 0.25) + 0.5 * std::log(0.5 / 0.75);
  EXPECT_NEAR(score_divergence(half, quarter, ScoreKind::probabilities), expected, 1e-7);
  EXPECT_TRUE(std::isfinite(score_divergence(half, none, ScoreKind::probabilities)));
  EXPECT_EQ(score_divergence(half, quarter, ScoreKind::logits), softmax_divergence(half, quarter));
}

}  // namespace
}  // namespace qeval
