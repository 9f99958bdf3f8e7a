// Whole jobs in this process, with executors that compute nothing.
#include "jobs/run/run_job.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <random>
#include <thread>

#include "tests/jobs/run/job_folder.h"

namespace qeval {
namespace {

using test::JobFolder;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr int interrupted_code = static_cast<int>(ExitCode::interrupted);

/// The message of the Error that ends the job, behind its exit code.
std::string end_of(JobFolder& job) {
  try {
    job.run();
    return "no error";
  } catch (const Error& error) {
    return std::to_string(static_cast<int>(error.code())) + " " + error.what();
  }
}

/// Stops at the `at`-th batch (0, 1, …) of this work.
void stop_at(JobFolder& job, StopToken& stop, const std::string& work, int at) {
  job.executors.before = [&stop, work, at, seen = std::make_shared<std::atomic<int>>(0)](const std::string& now) {
    if ((work.empty() || now == work) && (*seen)++ == at) stop.request(SIGINT);
  };
}

TEST(RunJob, ComputesEveryVariantAndTellsItsSteps) {
  JobFolder job;
  const JobResult result = job.run();
  EXPECT_EQ(result.exit_code, 0);
  ASSERT_THAT(result.variants, SizeIs(2));
  for (const VariantResult& variant : result.variants) {
    EXPECT_TRUE(variant.computed);
    EXPECT_EQ(variant.run.state, RunState::done);
    EXPECT_EQ(variant.run.n_done, 20);
  }
  EXPECT_THAT(job.observer.variants, ElementsAre("fp32", "w8a8"));
  EXPECT_THAT(job.observer.works, ElementsAre("fp32: 0 of 20", "w8a8 calibration: 0 of 8", "w8a8: 0 of 20"));
  EXPECT_THAT(job.observer.ended, ElementsAre("fp32", "w8a8"));
}

TEST(RunJob, TakesFinishedVariantsFromTheDatabase) {
  JobFolder job;
  job.run();
  const auto hashes = job.hashes();
  job.executors.before = [](const std::string& work) { FAIL() << work << " for a run that is stored"; };
  const JobResult again = job.run();
  ASSERT_THAT(again.variants, SizeIs(2));
  for (const VariantResult& variant : again.variants) EXPECT_FALSE(variant.computed);
  EXPECT_THAT(job.observer.works, IsEmpty());
  EXPECT_EQ(job.hashes(), hashes);
  EXPECT_THAT(job.runs(), SizeIs(2));
}

TEST(RunJob, AMissedGateIsAnAnswerNotAnError) {
  JobFolder job;
  job.more = "metrics: {top1: {reference: {w8a8: 1.0}, tolerance: 0.01}}\n";
  const JobResult result = job.run();
  EXPECT_EQ(result.exit_code, 1);
  ASSERT_THAT(result.variants, SizeIs(2));
  EXPECT_THAT(result.variants[0].missed, IsEmpty());
  EXPECT_THAT(result.variants[1].missed, SizeIs(1));
  EXPECT_EQ(result.variants[1].run.state, RunState::gate_failed);
}

TEST(RunJob, AVariantIsComparedWithTheBaselineWhichIsRunFirst) {
  JobFolder job;
  job.more = "compare: {baseline: w8a8}\n";
  const JobResult result = job.run();
  EXPECT_THAT(job.observer.ended, ElementsAre("w8a8", "fp32"));
  ASSERT_THAT(result.variants, SizeIs(2));
  EXPECT_FALSE(result.variants[0].drop);
  ASSERT_TRUE(result.variants[1].drop && result.variants[1].drop->comparison);
  EXPECT_EQ(result.variants[1].drop->baseline, "w8a8");
  const PairedCounts& counts = result.variants[1].drop->comparison->top1.counts;
  EXPECT_EQ(counts.images(), 20);
  EXPECT_EQ(counts.both_right + counts.broke, result.variants[0].run.n_correct1);
  EXPECT_EQ(counts.both_right + counts.fixed, result.variants[1].run.n_correct1);
  const JobResult again = job.run();
  ASSERT_TRUE(again.variants[1].drop && again.variants[1].drop->comparison);
  EXPECT_EQ(again.variants[1].drop->comparison->top1.counts, counts) << "also of stored runs";
}

TEST(RunJob, AVariantOfOtherPicturesIsNotComparedAndItsGateIsMissed) {
  JobFolder job;
  job.quantization += "    dataset: {subset: {first: 6}}\n";
  job.more = "metrics: {top1: {max_drop: 0.1}}\n";
  const JobResult result = job.run();
  EXPECT_EQ(result.exit_code, 1);
  ASSERT_THAT(result.variants, SizeIs(2));
  ASSERT_TRUE(result.variants[1].drop);
  EXPECT_FALSE(result.variants[1].drop->comparison);
  EXPECT_THAT(result.variants[1].drop->reason, HasSubstr("14 vanished (a/006.jpg, a/007.jpg, a/008.jpg, …)"));
  EXPECT_THAT(result.variants[1].missed, ElementsAre(HasSubstr("the drop of top1 is not known: it saw other")));
  EXPECT_EQ(result.variants[1].run.state, RunState::gate_failed);
}

TEST(RunJob, BadImagesEndARunWhereTheLimitSays) {
  JobFolder job;
  for (const int number : {3, 4}) std::ofstream(job.image(number), std::ios::binary) << "no JPEG";
  EXPECT_THAT(end_of(job), HasSubstr("2 images could not be used, and run.bad_images.max allows 0"));
  EXPECT_EQ(job.runs().front().state, RunState::failed);
  job.more = "x-note: a second attempt goes on behind the images that were counted\n";
  EXPECT_THAT(end_of(job), HasSubstr("2 images could not be used"));
}

TEST(RunJob, AnImageThatIsNotFiniteIsCountedAndNamed) {
  JobFolder job;
  job.break_image(3);
  const JobResult result = job.run();
  EXPECT_EQ(result.exit_code, 1);
  ASSERT_THAT(result.variants, SizeIs(2));
  for (const VariantResult& variant : result.variants) {
    EXPECT_EQ(variant.run.state, RunState::done);
    EXPECT_EQ(variant.not_finite.images, 1);
    EXPECT_THAT(variant.not_finite.explanation, HasSubstr("in a/003.jpg from node fake on"));
  }
}

TEST(RunJob, StoppedInCalibrationItKeepsWhatWasCommitted) {
  JobFolder job, whole;
  job.quantization = whole.quantization = "      encodings: {calibrate: {samples: all}}\n";
  whole.run();
  StopToken stop;
  stop_at(job, stop, "observe", 0);
  EXPECT_EQ(job.run(stop).exit_code, interrupted_code);
  EXPECT_THAT(job.observer.remarks, Contains(HasSubstr("committed 0 of 20 images; go on with: qeval resume")));
  EXPECT_EQ(job.runs().front().state, RunState::interrupted);
  job.executors.before = [](const std::string&) {};
  EXPECT_EQ(job.run().exit_code, 0);
  EXPECT_THAT(job.observer.works, Contains(testing::MatchesRegex("w8a8 calibration: ([2468]|1[0-8]) of 20")));
  EXPECT_EQ(job.hashes(), whole.hashes());
}

TEST(RunJob, StoppedInEvaluationItKeepsWhatWasCommitted) {
  JobFolder job, whole;
  whole.run();
  StopToken stop;
  stop_at(job, stop, "infer", 3);
  EXPECT_EQ(job.run(stop).exit_code, interrupted_code);
  const RunRecord half = job.runs().front();
  EXPECT_EQ(half.state, RunState::interrupted);
  EXPECT_GE(half.n_done, 6);
  EXPECT_LT(half.n_done, 20);
  job.executors.before = [](const std::string&) {};
  EXPECT_EQ(job.run().exit_code, 0);
  EXPECT_EQ(job.observer.works.front(), "fp32: " + std::to_string(half.n_done) + " of 20");
  EXPECT_EQ(job.hashes(), whole.hashes());
}

TEST(RunJob, AFailingExecutorClosesTheAttempt) {
  JobFolder job;
  job.executors.before = [](const std::string& work) {
    if (work == "observe") throw RunError("the device is gone");
  };
  const std::string end = end_of(job);
  EXPECT_THAT(end, HasSubstr("4 "));
  EXPECT_THAT(end, HasSubstr("the device is gone"));
  EXPECT_THAT(end, HasSubstr("go on with: qeval resume"));
  EXPECT_EQ(job.runs().front().state, RunState::failed);
  EXPECT_EQ(job.runs().front().variant, "w8a8");
}

TEST(RunJob, ALostDatabaseEndsTheJobWithItsExitCode) {
  JobFolder job;
  job.executors.before = [&](const std::string&) { std::filesystem::remove(job.database()); };
  const std::string end = end_of(job);
  EXPECT_EQ(end.substr(0, 2), "5 ") << end;
  EXPECT_THAT(end, HasSubstr("was deleted or moved while it was written"));
  EXPECT_THAT(end, testing::Not(HasSubstr("go on with"))) << "there is nothing to go on with";
}

TEST(RunJob, TwoJobsRunInOneProcess) {
  JobFolder one, other(15), alone, other_alone(15);
  alone.run();
  other_alone.run();
  std::thread beside([&] { other.run(); });
  one.run();
  beside.join();
  EXPECT_EQ(one.hashes(), alone.hashes());
  EXPECT_EQ(other.hashes(), other_alone.hashes());
  EXPECT_NE(one.hashes(), other.hashes());
}

/// Stops a job at random until it was stopped `stops` times, beginning anew whenever it came to its end.
void expect_equal_hashes_after_stops(const std::string& tuning, int stops) {
  JobFolder whole, job;
  whole.quantization += tuning;
  job.quantization += tuning;
  ASSERT_EQ(whole.run().exit_code, 0);
  std::mt19937 random(1);
  while (stops > 0) {
    StopToken stop;
    stop_at(job, stop, "", static_cast<int>(random() % 12));
    if (job.run(stop).exit_code == interrupted_code) {
      --stops;
      continue;
    }
    ASSERT_EQ(job.hashes(), whole.hashes()) << stops << " stops left";
    std::filesystem::remove(job.database());
  }
}

TEST(RunJob, TwoHundredRandomStopsChangeNoHash) {
  expect_equal_hashes_after_stops("", 80);
  expect_equal_hashes_after_stops("      bias_correction: empirical\n", 60);
  expect_equal_hashes_after_stops("      rounding: adaround\n      adaround: {iterations: 4}\n", 60);
}

TEST(MeasureSensitivity, GoesOnAfterAStopAndGivesTheSameSums) {
  JobFolder whole, job;
  StopToken never;
  const SensitivityResult wanted = whole.sensitivity(never, SensitivityMode::only_one_on);
  ASSERT_THAT(wanted.rows, testing::Not(IsEmpty()));
  for (int attempt = 0;; ++attempt) {
    ASSERT_LT(attempt, 20);
    StopToken stop;
    stop_at(job, stop, "measure", 2);
    const SensitivityResult result = job.sensitivity(stop, SensitivityMode::only_one_on);
    if (result.exit_code != 0) continue;
    EXPECT_GT(attempt, 0);
    ASSERT_EQ(result.rows.size(), wanted.rows.size());
    for (std::size_t i = 0; i < result.rows.size(); ++i) {
      EXPECT_EQ(result.rows[i].images, 20);
      EXPECT_EQ(result.rows[i].correct, wanted.rows[i].correct);
      EXPECT_EQ(result.rows[i].divergence, wanted.rows[i].divergence);
    }
    break;
  }
}

}  // namespace
}  // namespace qeval
