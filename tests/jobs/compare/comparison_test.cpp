// What two runs' rows amount to: the 2×2 table, the images that flipped, the classes that were hurt.
#include "jobs/compare/comparison.h"

#include <limits>

#include <gtest/gtest.h>

#include "jobs/compare/flips.h"

namespace qeval {
namespace {

Outcome outcome(int label, int top1, Outcome::Status status = Outcome::Status::ok) {
  Outcome made;
  made.label = label;
  made.top1 = top1;
  made.right1 = made.right5 = label == top1;
  made.status = status;
  return made;
}

PairedRow row(int label, int first, int second) { return {outcome(label, first), outcome(label, second)}; }

/// Class 0: one stays right, two break. Class 1: one is fixed. Class 2: one moves, one stays wrong.
const std::vector<PairedRow> rows{row(0, 0, 0), row(0, 0, 4), row(0, 0, 4), row(1, 7, 1), row(2, 5, 6), row(2, 5, 5)};

TEST(Comparison, CountsTheFourCellsAndWhatMoved) {
  const Comparison result = compare({rows, 3, 4});
  EXPECT_EQ(result.top1.counts, (PairedCounts{1, 2, 1, 2}));
  EXPECT_EQ(result.moved, 1);
  EXPECT_EQ(result.only_first, 3);
  EXPECT_EQ(result.only_second, 4);
  EXPECT_DOUBLE_EQ(result.top1.drop(), 1.0 / 6);
  EXPECT_EQ(result.top1.test.p, 1);
  EXPECT_FALSE(result.top1.is_real(usual_alpha));
}

TEST(Comparison, Top5HasATableOfItsOwn) {
  std::vector<PairedRow> near = rows;
  near[1].second.right5 = true;
  EXPECT_EQ(compare({near}).top5.counts, (PairedCounts{2, 1, 1, 2}));
  EXPECT_EQ(compare({near}).top1.counts, (PairedCounts{1, 2, 1, 2}));
}

TEST(Comparison, AnImageWithoutAnAnswerIsWrongAndCounted) {
  const std::vector<PairedRow> broken{{outcome(0, 0), outcome(0, -1, Outcome::Status::failed)},
                                      {outcome(0, 0), outcome(0, -1, Outcome::Status::not_finite)},
                                      {outcome(0, -1, Outcome::Status::failed), outcome(0, 0)}};
  const Comparison result = compare({broken});
  EXPECT_EQ(result.top1.counts, (PairedCounts{0, 2, 1, 0}));
  EXPECT_EQ(result.unusable_first.failed, 1);
  EXPECT_EQ(result.unusable_second.failed, 1);
  EXPECT_EQ(result.unusable_second.not_finite, 1);
}

TEST(Comparison, OfNoImageSaysNothing) {
  const Comparison nothing = compare({});
  EXPECT_EQ(nothing.top1.counts.images(), 0);
  EXPECT_EQ(nothing.top1.test.p, 1);
}

TEST(Comparison, AGainIsAsRealAsADrop) {
  EXPECT_TRUE(compare({std::vector<PairedRow>(9, row(1, 7, 1))}).top1.is_real(0.01));
  EXPECT_LT(compare({std::vector<PairedRow>(9, row(1, 7, 1))}).top1.drop(), 0);
}

TEST(Flips, AreNamedByWhatBecameOfTheImage) {
  std::vector<std::string> kinds;
  for (const Flip& flip : flips_of(rows)) kinds.emplace_back(flip_name(flip.kind));
  EXPECT_EQ(kinds, (std::vector<std::string>{"broke", "broke", "fixed", "moved"}));
}

TEST(ClassChanges, BeginWithTheClassThatLostMost) {
  const std::vector<ClassChange> changes = class_changes(rows);
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_EQ(changes[0].label, 0);
  EXPECT_EQ(changes[0].images, 3);
  EXPECT_EQ(changes[0].right_first, 3);
  EXPECT_EQ(changes[0].right_second, 1);
  EXPECT_EQ(changes[1].label, 2) << "nothing lost, nothing won";
  EXPECT_EQ(changes[2].fixed, 1);
}

TEST(ConfusionChanges, BeginWithWhatBecameMoreFrequent) {
  const std::vector<Confusion> changes = confusion_changes(rows);
  ASSERT_EQ(changes.size(), 4u) << "2 for 5 twice and once, 0 for 4, 1 for 7, 2 for 6";
  EXPECT_EQ(changes[0].label, 0);
  EXPECT_EQ(changes[0].taken_for, 4);
  EXPECT_EQ(changes[0].first, 0);
  EXPECT_EQ(changes[0].second, 2);
  EXPECT_EQ(changes[1].taken_for, 6);
}

TEST(Flips, TheSurestOfEachKindComeFirstAndThoseOfUnknownMarginLast) {
  std::vector<Flip> flips;
  const double nan = std::numeric_limits<double>::quiet_NaN();
  int number = 0;
  for (const auto& [kind, margin] : {std::pair(FlipKind::fixed, 0.9), std::pair(FlipKind::broke, nan),
                                     std::pair(FlipKind::broke, 0.2), std::pair(FlipKind::broke, 0.7)}) {
    flips.push_back({kind, row(number++, 0, 0)});
    flips.back().row.first.margin = margin;
  }
  sort_surest_first(flips);
  std::vector<int> order;
  for (const Flip& flip : flips) order.push_back(flip.row.first.label);
  EXPECT_EQ(order, (std::vector<int>{3, 2, 1, 0}));
}

}  // namespace
}  // namespace qeval
