#include "jobs/run/gates.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace qeval {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

RunRecord run_with(std::int64_t correct1, std::int64_t correct5, std::int64_t total) {
  RunRecord run;
  run.n_correct1 = correct1;
  run.n_correct5 = correct5;
  run.n_total = run.n_done = total;
  run.n_failed = total / 10;
  return run;
}

TEST(Gates, AreMetWithinTheirToleranceOnEitherSide) {
  const RunRecord run = run_with(790, 940, 1000);
  EXPECT_THAT(missed_gates({{Metric::top1, 0.785, 0.01}, {Metric::top1, 0.795, 0.01}, {Metric::top5, 0.94, 0}}, run),
              IsEmpty());
}

TEST(Gates, AreMetAtExactlyTheirTolerance) {
  EXPECT_THAT(missed_gates({{Metric::top1, 0.80, 0.01}}, run_with(790, 940, 1000)), IsEmpty())
      << "0.80 − 0.79 is above 0.01 in binary";
}

TEST(Gates, EachOneMissedIsTold) {
  EXPECT_THAT(missed_gates({{Metric::top1, 0.8, 0.005}, {Metric::top5, 0.94, 0.001}, {Metric::top5, 0.5, 0.01}},
                           run_with(790, 940, 1000)),
              ElementsAre("top1 is 79.00 %, not 80.00 ± 0.50 %", "top5 is 94.00 %, not 50.00 ± 1.00 %"));
}

TEST(Gates, FailedImagesCountAsWrongAndNoImageIsNoDivision) {
  EXPECT_DOUBLE_EQ(accuracy_of(Metric::top1, run_with(450, 450, 1000)), 0.45);
  EXPECT_DOUBLE_EQ(accuracy_of(Metric::top5, run_with(0, 0, 0)), 0.0);
}

std::optional<Drop> drop_of(std::int64_t broke, std::int64_t fixed, std::int64_t images) {
  Comparison comparison;
  const PairedCounts counts{images - broke - fixed, broke, fixed, 0};
  comparison.top1 = {counts, paired_score_interval(counts), mcnemar(broke, fixed)};
  return Drop{"fp32", comparison};
}

TEST(DropGates, AreMissedByADropThatIsLargerAndReal) {
  EXPECT_THAT(missed_drop_gates({{Metric::top1, 0.01, 0.05}}, drop_of(50, 10, 1000)),
              ElementsAre("top1 drops by 4.00 points against fp32, more than 1.00, and that is real (p = 9.6e-08)"));
}

TEST(DropGates, AreMetByASmallOneOneThatMayBeNoiseAndAGain) {
  EXPECT_THAT(missed_drop_gates({{Metric::top1, 0.04, 0.05}}, drop_of(50, 10, 1000)), IsEmpty())
      << "as large as is allowed";
  EXPECT_THAT(missed_drop_gates({{Metric::top1, 0.01, 0.05}}, drop_of(4, 1, 20)), IsEmpty()) << "p = 0.375";
  EXPECT_THAT(missed_drop_gates({{Metric::top1, 0.01, 1e-9}}, drop_of(50, 10, 1000)), IsEmpty());
  EXPECT_THAT(missed_drop_gates({{Metric::top1, 0, 0.05}}, drop_of(10, 50, 1000)), IsEmpty());
  EXPECT_THAT(missed_drop_gates({}, std::nullopt), IsEmpty());
}

TEST(DropGates, ThatNobodyCanTellAreMissed) {
  EXPECT_THAT(missed_drop_gates({{Metric::top5, 0.01, 0.05}}, Drop{"fp32", std::nullopt, "fp32 was not run"}),
              ElementsAre("the drop of top5 is not known: fp32 was not run"));
}

}  // namespace
}  // namespace qeval
