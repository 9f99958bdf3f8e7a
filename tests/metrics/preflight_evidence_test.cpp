#include "stages/metrics/preflight_evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <numeric>
#include <random>

namespace qeval {
namespace {

using testing::ElementsAre;
using testing::Pair;
using Kind = LabelFinding::Kind;

/// A network that knows `known` of its images and answers at random to the others.
struct Sample {
  int classes = 1000, images = 256;
  double known = 0.75;
  unsigned seed = 1;

  /// `written`: the label that stands beside an image of a class.
  SampleScores scores(const std::function<int(int)>& written) const {
    std::mt19937 random(seed);
    std::uniform_int_distribution<int> any(0, classes - 1);
    std::vector<int> truth, labels;
    for (int i = 0; i < images; ++i) truth.push_back(i * classes / images);
    for (const int label : truth) labels.push_back(written(label));
    SampleScores scores(labels, classes);
    for (std::size_t i = 0; i < truth.size(); ++i) {
      std::vector<float> row(static_cast<std::size_t>(classes), 0);
      const bool knows = random() % 1000 < 1000 * known;
      row[static_cast<std::size_t>(knows ? truth[i] : any(random))] = 9;
      scores.set(i, row, ScoreKind::logits);
    }
    return scores;
  }
};

int same(int label) { return label; }

TEST(PreflightEvidence, RightLabelsOfGoodAndBadNetworksAreNoFinding) {
  for (const int classes : {2, 4, 10, 1000})
    for (const int images : {5, 20, 256})
      for (const double known : {0.1, 0.4, 0.75, 1.0})
        for (unsigned seed = 0; seed < 20; ++seed) {
          const SampleScores scores = Sample{classes, images, known, seed}.scores(same);
          const auto found = find_label_fault(scores, {});
          EXPECT_FALSE(found) << classes << " classes, " << images << " images, " << known << " known, seed " << seed;
        }
}

TEST(PreflightEvidence, LabelsOffByOneAreNamedEvenOnTwentyImages) {
  for (const int images : {20, 256}) {
    const auto low =
        find_label_fault(Sample{.images = images, .known = 0.9}.scores([](int c) { return (c + 999) % 1000; }), {});
    ASSERT_TRUE(low);
    EXPECT_EQ(low->kind, Kind::plus_one);
    EXPECT_EQ(low->images, images);
    EXPECT_LE(low->right, 1);
    EXPECT_GE(low->right_then, images * 7 / 10);
    const auto high =
        find_label_fault(Sample{.images = images, .known = 0.9}.scores([](int c) { return (c + 1) % 1000; }), {});
    ASSERT_TRUE(high);
    EXPECT_EQ(high->kind, Kind::minus_one);
  }
}

TEST(PreflightEvidence, FourImagesProveNothing) {
  EXPECT_FALSE(find_label_fault(Sample{.images = 4, .known = 1}.scores([](int c) { return (c + 999) % 1000; }), {}));
}

TEST(PreflightEvidence, AKnownOrderIsNamed) {
  ClassOrder turned{"turned", {}};
  for (int label = 0; label < 1000; ++label) turned.class_of.push_back(999 - label);
  const auto found =
      find_label_fault(Sample{.images = 20, .known = 0.9}.scores([](int c) { return 999 - c; }), std::vector{turned});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, Kind::order);
  EXPECT_EQ(found->order, 0u);
}

TEST(PreflightEvidence, APermutationIsLearnedFromHalfOfTheImages) {
  const std::vector<int> order{3, 1, 4, 0, 5, 9, 2, 6, 8, 7};
  const auto found =
      find_label_fault(Sample{.classes = 10}.scores([&](int c) { return order[static_cast<std::size_t>(c)]; }), {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, Kind::permuted);
  EXPECT_GT(found->right_then, 160);
  EXPECT_THAT(found->moved, testing::Contains(Pair(4, 2)));
}

TEST(PreflightEvidence, TwoClassesThatChangedPlacesAreNamed) {
  const auto swapped = [](int c) { return c == 3 ? 5 : c == 5 ? 3 : c; };
  const auto found = find_label_fault(Sample{.classes = 10, .known = 0.9}.scores(swapped), {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, Kind::permuted);
  EXPECT_THAT(found->moved, ElementsAre(Pair(3, 5), Pair(5, 3)));
}

TEST(PreflightEvidence, OneImagePerClassShowsAnotherOrderByAnswersThatDiffer) {
  std::vector<int> order(1000);
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), std::mt19937(3));
  const auto found =
      find_label_fault(Sample{.known = 0.9}.scores([&](int c) { return order[static_cast<std::size_t>(c)]; }), {});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->kind, Kind::other_order);
}

TEST(PreflightEvidence, ANetworkWithOneOpinionHasNoOrder) {
  std::vector<int> labels(256);
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<int>(i % 2 ? i : 6);
  SampleScores scores(labels, 1000);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    std::vector<float> row(1000, 0);
    row[7] = 1;
    scores.set(i, row, ScoreKind::logits);
  }
  EXPECT_FALSE(find_label_fault(scores, {})) << "label + 1 is its only answer for half of the images";
  EXPECT_TRUE(is_at_chance(scores));
}

TEST(PreflightEvidence, ChanceIsClaimedOnlyWhereItIsProven) {
  const auto shuffled = [](const Sample& sample) { return sample.scores(same); };
  EXPECT_TRUE(is_at_chance(shuffled({.known = 0})));
  EXPECT_TRUE(is_at_chance(shuffled({.images = 30, .known = 0})));
  EXPECT_FALSE(is_at_chance(shuffled({.images = 10, .known = 0}))) << "one network in fifty does this with ten images";
  EXPECT_FALSE(is_at_chance(shuffled({.known = 0.2})));
  EXPECT_FALSE(is_at_chance(shuffled({.classes = 2, .images = 20, .known = 0})));
  EXPECT_TRUE(is_at_chance(shuffled({.classes = 10, .known = 0})));
}

TEST(PreflightEvidence, OtherPixelsAreBetterIfTheLabelsStandOut) {
  const SampleScores plain = Sample{.known = 0.6}.scores(same), good = Sample{.known = 1}.scores(same);
  EXPECT_EQ(compare_views(good, plain), ViewEvidence::better);
  EXPECT_EQ(compare_views(plain, good), ViewEvidence::worse);
  EXPECT_EQ(compare_views(plain, plain), ViewEvidence::none);
  const SampleScores few = Sample{.images = 20, .known = 0.6}.scores(same),
                     few_good = Sample{.images = 20, .known = 1}.scores(same);
  EXPECT_EQ(compare_views(few_good, few), ViewEvidence::hint) << "eight images of twenty";
}

TEST(PreflightEvidence, ScoresThatAreNotFiniteAreNoAnswers) {
  SampleScores scores(std::vector<int>(40, 3), 10);
  for (std::size_t i = 0; i < 40; ++i)
    scores.set(i, std::vector<float>(10, std::numeric_limits<float>::quiet_NaN()), ScoreKind::logits);
  EXPECT_EQ(scores.seen_count(), 0);
  EXPECT_FALSE(find_label_fault(scores, {}));
}

TEST(SampleScores, StandingDoesNotDependOnScaleAndOffset) {
  SampleScores scores({1, 1, 1}, 4);
  scores.set(0, std::vector<float>{0, 3, 1, 0}, ScoreKind::logits);
  scores.set(1, std::vector<float>{10, 16, 12, 10}, ScoreKind::logits);
  scores.set(2, std::vector<float>{0, std::numeric_limits<float>::quiet_NaN(), 0, 0}, ScoreKind::logits);
  EXPECT_FLOAT_EQ(scores.standing[0], scores.standing[1]);
  EXPECT_THAT(scores.answers, ElementsAre(1, 1, SampleScores::unseen));
  EXPECT_EQ(scores.right_count(), 2);
  EXPECT_EQ(scores.seen_count(), 2);
}

}  // namespace
}  // namespace qeval
