#include "storage/wilson.h"

#include <gtest/gtest.h>

namespace {

/// scipy.stats.binomtest(k, n).proportion_ci(method="wilson"), SciPy 1.17.1.
struct Case {
  std::int64_t successes, trials;
  double low, high;
};

TEST(WilsonInterval, AgreesWithSciPy) {
  const Case cases[] = {
      {0, 1, 0.0, 0.7934506856227626},
      {1, 1, 0.20654931437723745, 1.0},
      {0, 20, 0.0, 0.16112515805281935},
      {18, 20, 0.6989663547715128, 0.9721335187862319},
      {20, 20, 0.8388748419471808, 1.0},
      {39380, 50000, 0.7839929419113996, 0.7911628693413122},
      {1, 50000, 3.530499822832098e-06, 0.00011328970139120264},
      {782, 1000, 0.7553565227948384, 0.8064851854193082},
  };
  for (const Case& c : cases) {
    const qeval::Interval interval = qeval::wilson_interval(c.successes, c.trials);
    EXPECT_NEAR(interval.low, c.low, 1e-14) << c.successes << '/' << c.trials;
    EXPECT_NEAR(interval.high, c.high, 1e-14) << c.successes << '/' << c.trials;
  }
}

}  // namespace
