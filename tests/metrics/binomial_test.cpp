#include "stages/metrics/binomial.h"

#include <gtest/gtest.h>

namespace qeval {
namespace {

// Summed with Python's exact binomial coefficients.
TEST(Binomial, TailsAreTheSumsOfTheirTerms) {
  EXPECT_NEAR(binomial_at_least(3, 256, 0.001), 0.0022885032, 1e-9);
  EXPECT_NEAR(binomial_at_least(17, 20, 0.5), 0.0012884140, 1e-9);
  EXPECT_NEAR(binomial_at_most(0, 20, 0.3), 0.0007979227, 1e-9);
  EXPECT_NEAR(binomial_at_most(10, 20, 0.5), 0.5880985260, 1e-9);
}

TEST(Binomial, TheEndsAreCertain) {
  EXPECT_DOUBLE_EQ(binomial_at_least(0, 5, 0.2), 1);
  EXPECT_EQ(binomial_at_least(6, 5, 0.2), 0);
  EXPECT_EQ(binomial_at_least(1, 5, 0), 0);
  EXPECT_EQ(binomial_at_least(5, 5, 1), 1);
  EXPECT_EQ(binomial_at_most(4, 5, 1), 0);
}

}  // namespace
}  // namespace qeval
