#include "stages/metrics/reliability.h"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

namespace qeval {
namespace {

TEST(Reliability, AnswersAreCountedInTheBinOfTheirProbability) {
  const std::vector<RatedAnswer> answers{{0, false}, {0.1, true}, {0.5, true}, {0.51, false}, {1, true}, {0.9, true}};
  const auto bins = reliability_bins(answers, 2);
  ASSERT_EQ(bins.size(), 2u);
  EXPECT_EQ(bins[0].images, 3);
  EXPECT_EQ(bins[0].right, 2);
  EXPECT_DOUBLE_EQ(bins[0].confidence(), 0.2);
  EXPECT_DOUBLE_EQ(bins[1].low, 0.5);
  EXPECT_DOUBLE_EQ(bins[1].accuracy(), 2.0 / 3);
  EXPECT_DOUBLE_EQ(bins[1].confidence(), 2.41 / 3);
}

// By hand: |2 − 0.6| and |2 − 2.41|, of six images.
TEST(Reliability, ErrorIsTheMeanDistanceByImages) {
  const std::vector<RatedAnswer> answers{{0, false}, {0.1, true}, {0.5, true}, {0.51, false}, {1, true}, {0.9, true}};
  EXPECT_NEAR(expected_calibration_error(reliability_bins(answers, 2)), (1.4 + 0.41) / 6, 1e-12);
}

TEST(Reliability, EmptyBinsAndNumbersThatAreNoShareAreLeftOut) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<RatedAnswer> answers{{nan, true}, {-0.1, true}, {1.5, true}, {0.95, true}};
  const auto bins = reliability_bins(answers);
  ASSERT_EQ(bins.size(), 1u);
  EXPECT_EQ(bins[0].images, 1);
  EXPECT_DOUBLE_EQ(bins[0].high, 1);
  EXPECT_TRUE(reliability_bins({}).empty());
  EXPECT_EQ(expected_calibration_error({}), 0);
}

}  // namespace
}  // namespace qeval
