// McNemar's tests, the score interval and the number of images that would tell, against SciPy and statsmodels.
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "stages/metrics/mcnemar.h"
#include "stages/metrics/normal_distribution.h"
#include "stages/metrics/paired_difference.h"

namespace qeval {
namespace {

struct Answer {
  PairedCounts table;
  double exact, mid_p, chi_squared, chi_squared_p, difference, low, high;
  std::int64_t images;
};

const std::vector<Answer> answers{
#include "tests/metrics/paired_tables.inc"
};

void expect_near(double value, double expected) { EXPECT_NEAR(value, expected, 1e-9 * expected); }

TEST(PairedStatistics, AreScipysAndStatsmodels) {
  ASSERT_EQ(answers.size(), 40u);
  for (const Answer& answer : answers) {
    const PairedCounts& table = answer.table;
    SCOPED_TRACE(testing::Message() << table.both_right << " " << table.broke << " " << table.fixed << " "
                                    << table.both_wrong);
    expect_near(mcnemar_exact(table.broke, table.fixed), answer.exact);
    expect_near(mcnemar_mid_p(table.broke, table.fixed), answer.mid_p);
    const ChiSquared chi = mcnemar_chi_squared(table.broke, table.fixed);
    expect_near(chi.statistic, answer.chi_squared);
    expect_near(chi.p, answer.chi_squared_p);
    const PairedInterval interval = paired_score_interval(table);
    EXPECT_NEAR(interval.difference, answer.difference, 1e-11);
    EXPECT_NEAR(interval.low, answer.low, 1e-7);
    EXPECT_NEAR(interval.high, answer.high, 1e-7);
    EXPECT_EQ(images_that_would_tell(table, 0.05).value_or(0), answer.images);
  }
}

TEST(PairedStatistics, TheIntervalOfNothingIsNothing) {
  const PairedInterval none = paired_score_interval({});
  EXPECT_EQ(none.low, 0);
  EXPECT_EQ(none.high, 0);
  EXPECT_FALSE(images_that_would_tell({5, 2, 2, 1}, 0.05));
}

TEST(PairedStatistics, AWiderConfidenceIsAWiderInterval) {
  const PairedInterval usual = paired_score_interval({80, 12, 3, 5}),
                       wide = paired_score_interval({80, 12, 3, 5}, 0.99);
  EXPECT_LT(wide.low, usual.low);
  EXPECT_GT(wide.high, usual.high);
}

TEST(PairedStatistics, TheTestIsExactForFewAndMidPForMany) {
  EXPECT_EQ(mcnemar(20, 4).method, PairedTest::Method::exact);
  EXPECT_EQ(mcnemar(20, 4).p, mcnemar_exact(20, 4));
  EXPECT_EQ(mcnemar(20, 5).method, PairedTest::Method::mid_p);
  EXPECT_EQ(mcnemar(20, 5).p, mcnemar_mid_p(20, 5));
}

TEST(McnemarExact, IsScipysBinomialTest) {
  EXPECT_NEAR(mcnemar_exact(3, 9), 0.14599609375, 1e-12);
  EXPECT_NEAR(mcnemar_exact(9, 0), 0.00390625, 1e-12);
  EXPECT_NEAR(mcnemar_exact(89, 41), 3.0921923883829104e-05, 1e-15);
  EXPECT_EQ(mcnemar_exact(0, 0), 1);
  EXPECT_EQ(mcnemar_exact(5, 5), 1);
}

TEST(NormalDistribution, QuantilesAreScipys) {
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-14);
  EXPECT_NEAR(normal_quantile(0.8), 0.8416212335729143, 1e-14);
  EXPECT_NEAR(normal_quantile(1e-12), -7.034483825301132, 1e-12);
  EXPECT_EQ(normal_quantile(0.5), 0);
  EXPECT_NEAR(two_sided_tail(1.959963984540054), 0.05, 1e-15);
}

}  // namespace
}  // namespace qeval
