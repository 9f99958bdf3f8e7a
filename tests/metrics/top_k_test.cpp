#include "stages/metrics/top_k.h"

#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qeval {
namespace {

using testing::ElementsAre;
constexpr float infinity = std::numeric_limits<float>::infinity();

TopK top_k_of(std::vector<float> logits) { return top_k(logits); }

TEST(TopK, OrdersTheFiveBestClasses) {
  EXPECT_THAT(top_k_of({0.1f, 7, -3, 4, 5, 6, 2, 3}).classes, ElementsAre(1, 5, 4, 3, 7));
}

TEST(TopK, LowerIndexWinsATie) {
  EXPECT_THAT(top_k_of({1, 2, 2, 1, 2, 1, 1}).classes, ElementsAre(1, 2, 4, 0, 3));
}

TEST(TopK, LaterTieDoesNotPushOutAnEarlierClass) {
  EXPECT_THAT(top_k_of({3, 3, 3, 3, 3, 3, 3}).classes, ElementsAre(0, 1, 2, 3, 4));
}

TEST(TopK, MissingClassesAreMinusOne) { EXPECT_THAT(top_k_of({1, 2}).classes, ElementsAre(1, 0, -1, -1, -1)); }

TEST(TopK, ProbabilityIsTheSoftmaxOfTheBest) {
  const TopK result = top_k_of({1, 3, 2});
  // e^0 / (e^0 + e^-1 + e^-2) and minus the same with e^-1
  EXPECT_FLOAT_EQ(result.probability, 0.66524096f);
  EXPECT_FLOAT_EQ(result.margin, 0.66524096f - 0.24472847f);
}

TEST(TopK, LargeLogitsDoNotOverflow) {
  const TopK result = top_k_of({1e30f, 1e30f, 0});
  EXPECT_FLOAT_EQ(result.probability, 0.5f);
  EXPECT_FLOAT_EQ(result.margin, 0.0f);
}

TEST(TopK, InfiniteLogitTakesAllTheProbability) {
  const TopK result = top_k_of({0, infinity, 5});
  EXPECT_EQ(result.classes[0], 1);
  EXPECT_FLOAT_EQ(result.probability, 1.0f);
  EXPECT_FLOAT_EQ(result.margin, 1.0f);
}

TEST(TopK, AllMinusInfinityIsUniform) {
  const TopK result = top_k_of({-infinity, -infinity});
  EXPECT_THAT(result.classes, ElementsAre(0, 1, -1, -1, -1));
  EXPECT_FLOAT_EQ(result.probability, 0.5f);
}

TEST(TopK, NotANumberAnywhereMakesTheRowWrong) {
  const TopK result = top_k_of({1, 9, std::numeric_limits<float>::quiet_NaN(), 3});
  EXPECT_THAT(result.classes, ElementsAre(-1, -1, -1, -1, -1));
  EXPECT_EQ(result.probability, 0);
  EXPECT_EQ(result.margin, 0);
}

TEST(TopK, NoLogitsGiveNoClasses) { EXPECT_EQ(top_k_of({}).classes[0], -1); }

}  // namespace
}  // namespace qeval
