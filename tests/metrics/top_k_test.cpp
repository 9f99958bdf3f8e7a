#include "stages/metrics/top_k.h"

#include <cmath>
#include <cstdint>
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

TEST(TopK, ProbabilitiesOfANetworkAreItsOwn) {
  const std::vector<float> scores{0.25f, 0.5f, 0.125f};
  const TopK own = top_k(scores, ScoreKind::probabilities);
  EXPECT_THAT(own.classes, ElementsAre(1, 0, 2, -1, -1));
  EXPECT_EQ(own.probability, 0.5f);
  EXPECT_EQ(own.margin, 0.25f);
  const TopK logs = top_k(std::vector<float>{std::log(0.25f), std::log(0.5f)}, ScoreKind::log_probabilities);
  EXPECT_FLOAT_EQ(logs.probability, 0.5f);
  EXPECT_FLOAT_EQ(logs.margin, 0.25f);
  EXPECT_FLOAT_EQ(top_k(std::vector<float>{-std::log(4.0f)}, ScoreKind::log_probabilities).margin, 0.25f);
}

/// Whole numbers below `values`, so that many are equal.
std::vector<float> tied_logits(std::size_t count, unsigned values, std::uint32_t seed) {
  std::vector<float> logits(count);
  for (float& logit : logits) {
    seed = (seed * 1103515245u + 12345u) & 0x7fffffff;
    logit = static_cast<float>((seed >> 16) % values);
  }
  return logits;
}

// The classes are what torch.topk(5) of torch 2.13 gives for the same numbers.
TEST(TopK, OrdersEqualLogitsAsTorchDoes) {
  EXPECT_THAT(top_k_of(tied_logits(1000, 64, 1)).classes, ElementsAre(17, 80, 185, 329, 62));
  EXPECT_THAT(top_k_of(tied_logits(1000, 64, 2)).classes, ElementsAre(19, 60, 120, 129, 2));
  EXPECT_THAT(top_k_of(tied_logits(1000, 3, 3)).classes, ElementsAre(3, 8, 10, 16, 0));
  EXPECT_THAT(top_k_of(tied_logits(320, 5, 4)).classes, ElementsAre(24, 20, 25, 27, 18));
}

TEST(TopK, OrdersEqualLogitsOfFewClassesAsTorchDoes) {
  EXPECT_THAT(top_k_of(tied_logits(319, 5, 5)).classes, ElementsAre(208, 83, 82, 88, 77));
  EXPECT_THAT(top_k_of(tied_logits(100, 4, 6)).classes, ElementsAre(31, 74, 30, 24, 36));
  EXPECT_THAT(top_k_of(tied_logits(10, 2, 7)).classes, ElementsAre(5, 9, 8, 4, 7));
  EXPECT_THAT(top_k_of({1, 2, 2, 1, 2, 1, 1}).classes, ElementsAre(2, 4, 1, 6, 0));
  EXPECT_THAT(top_k_of({3, 3, 3, 3, 3, 3, 3}).classes, ElementsAre(3, 6, 5, 4, 0));
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

TEST(TopK, ALogitThatIsNotFiniteMakesTheRowSayNothing) {
  for (const float broken : {std::numeric_limits<float>::quiet_NaN(), infinity, -infinity}) {
    const TopK result = top_k_of({1, 9, broken, 3});
    EXPECT_FALSE(result.finite) << broken;
    EXPECT_THAT(result.classes, ElementsAre(-1, -1, -1, -1, -1));
    EXPECT_EQ(result.probability, 0);
    EXPECT_EQ(result.margin, 0);
  }
  EXPECT_TRUE(top_k_of({1, 9, std::numeric_limits<float>::max(), 3}).finite);
}

TEST(TopK, NoLogitsGiveNoClasses) { EXPECT_EQ(top_k_of({}).classes[0], -1); }

}  // namespace
}  // namespace qeval
