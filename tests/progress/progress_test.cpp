#include "tools/qeval/text/progress.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <thread>

namespace qeval {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

/// A place to write to and a clock that stands still unless told.
class ProgressReport : public testing::Test {
 protected:
  ProgressOutput output() {
    return {[this](std::string_view bytes) { text << bytes; },
            terminal,
            false,
            false,
            [this] { return columns; },
            [this] { return now; }};
  }
  ImageWork setup(std::int64_t total, std::int64_t already_done = 0) {
    return {"w8a8", total, already_done, {{"read", 4}, {"decode", 4}, {"infer", 2}, {"commit", 1}}, {}};
  }
  void commit(ProgressReporter& reporter, int images, std::chrono::nanoseconds after) {
    now += after;
    Batch batch;
    batch.size = images;
    reporter.batch_committed(batch);
  }
  std::vector<std::string> written() const {
    std::vector<std::string> lines;
    std::istringstream stream(text.str());
    for (std::string line; std::getline(stream, line, terminal ? '\r' : '\n');) lines.push_back(line);
    return lines;
  }

  std::ostringstream text;
  bool terminal = false;
  int columns = 200;
  std::chrono::steady_clock::time_point now{seconds(1000)};
};

TEST_F(ProgressReport, WritesALineEveryFivePercentOfAFastRun) {
  ProgressReporter reporter(ProgressMode::lines, setup(1000), output());
  for (int i = 0; i < 100; ++i) commit(reporter, 10, milliseconds(100));
  reporter.finish();
  ASSERT_EQ(written().size(), 20u);
  EXPECT_EQ(written()[0], "w8a8  50/1,000  5 %  100 img/s  ETA 0:10");
  EXPECT_EQ(written()[19], "w8a8  1,000/1,000  100 %  100 img/s");
}

TEST_F(ProgressReport, WritesALineEveryThirtySecondsOfASlowRun) {
  ProgressReporter reporter(ProgressMode::lines, setup(100'000), output());
  for (int i = 0; i < 12; ++i) commit(reporter, 10, seconds(10));
  EXPECT_THAT(written(), ElementsAre(HasSubstr(" 30/"), HasSubstr(" 60/"), HasSubstr(" 90/"), HasSubstr(" 120/")));
}

TEST_F(ProgressReport, TellsWhereAnInterruptedRunEnded) {
  ProgressReporter reporter(ProgressMode::lines, setup(1000), output());
  commit(reporter, 10, seconds(1));
  EXPECT_EQ(written().size(), 0u);
  reporter.finish();
  reporter.finish();
  EXPECT_THAT(written(), ElementsAre(HasSubstr(" 10/1,000  1 %")));
}

TEST_F(ProgressReport, AResumedRunCountsEarlierImagesAsDoneButNotInTheRate) {
  ProgressReporter reporter(ProgressMode::lines, setup(1000, 900), output());
  commit(reporter, 50, seconds(5));
  EXPECT_THAT(written(), ElementsAre("w8a8  950/1,000  95 %  10.0 img/s  ETA 0:05"));
}

TEST_F(ProgressReport, AsksForTheRunningAccuracyAtEveryLine) {
  std::optional<std::pair<double, double>> accuracy;
  ImageWork with_accuracy = setup(20);
  with_accuracy.accuracy = [&] { return accuracy; };
  ProgressReporter reporter(ProgressMode::lines, with_accuracy, output());
  commit(reporter, 10, seconds(1));
  accuracy = {0.9, 1.0};
  commit(reporter, 10, seconds(1));
  EXPECT_THAT(written(), ElementsAre(Not(HasSubstr("top-1")), HasSubstr("  top-1 90.00 %  top-5 100.00 %")));
}

TEST_F(ProgressReport, NamesTheNodeThatUsesMostOfItsOwnCapacity) {
  ProgressReporter reporter(ProgressMode::lines, setup(40), output());
  reporter.stage_busy(1, 2'000'000'000);  // decode: 2 s over 4 bodies at once
  reporter.stage_busy(2, 1'500'000'000);  // infer: 1.5 s over 2
  commit(reporter, 10, seconds(2));
  reporter.stage_busy(1, 4'000'000'000);
  reporter.stage_busy(2, 500'000'000);
  commit(reporter, 10, seconds(2));
  reporter.stage_busy(3, 1'900'000'000);  // commit: 1.9 s over 1
  commit(reporter, 10, seconds(2));
  EXPECT_THAT(written(), ElementsAre(HasSubstr("waiting on: infer"), HasSubstr("waiting on: decode"),
                                     HasSubstr("waiting on: commit")));
}

TEST_F(ProgressReport, KeepsTheNamedNodeForASecond) {
  ProgressReporter reporter(ProgressMode::lines, setup(40), output());
  reporter.stage_busy(1, 1'000'000);
  commit(reporter, 10, milliseconds(100));
  reporter.stage_busy(2, 90'000'000);
  commit(reporter, 10, milliseconds(100));
  commit(reporter, 10, milliseconds(900));
  EXPECT_THAT(written(), ElementsAre(HasSubstr("waiting on: decode"), HasSubstr("waiting on: decode"),
                                     HasSubstr("waiting on: infer")));
}

TEST_F(ProgressReport, RewritesOneLineAtMostTenTimesASecondOnATerminal) {
  terminal = true;
  ProgressReporter reporter(ProgressMode::automatic, setup(100'000), output());
  for (int i = 0; i < 1000; ++i) commit(reporter, 10, milliseconds(1));
  reporter.finish();
  const std::vector<std::string> lines = written();
  EXPECT_EQ(lines.size(), 12u) << "nothing before the first \\r, the first line, ten a second";
  EXPECT_THAT(lines[1], AllOf(HasSubstr(" 0/100,000  0 %"), HasSubstr("  ---------------------  ")));
  EXPECT_THAT(lines.back(), testing::EndsWith("\033[K\n"));
  EXPECT_EQ(text.str().find('\n'), text.str().size() - 1);
}

TEST_F(ProgressReport, FollowsTheWidthOfTheTerminal) {
  terminal = true;
  columns = 120;
  ProgressReporter reporter(ProgressMode::automatic, setup(1000), output());
  commit(reporter, 10, seconds(1));
  columns = 21;
  commit(reporter, 10, seconds(1));
  EXPECT_EQ(written().back(), "w8a8  20/1,000  2 %\033[K");
}

TEST_F(ProgressReport, LeavesAFreshLineWhenARunFails) {
  terminal = true;
  {
    ProgressReporter reporter(ProgressMode::automatic, setup(1000), output());
    commit(reporter, 10, seconds(1));
  }
  EXPECT_THAT(text.str(), testing::EndsWith("\033[K\n"));
}

TEST_F(ProgressReport, ModesOverrideWhatTheOutputIs) {
  {
    ProgressReporter reporter(ProgressMode::bar, setup(20), output());
    commit(reporter, 20, seconds(1));
    reporter.finish();
  }
  EXPECT_THAT(text.str(), HasSubstr("\r"));
  text.str("");
  terminal = true;
  {
    ProgressReporter reporter(ProgressMode::lines, setup(20), output());
    commit(reporter, 20, seconds(1));
    reporter.finish();
  }
  EXPECT_EQ(text.str(), "w8a8  20/20  100 %  20.0 img/s\n");
  text.str("");
  {
    ProgressReporter reporter(ProgressMode::none, setup(20), output());
    commit(reporter, 20, seconds(1));
    reporter.finish();
  }
  EXPECT_EQ(text.str(), "");
}

TEST_F(ProgressReport, ALabelCannotActOnTheTerminal) {
  ImageWork hostile = setup(20);
  hostile.label = "w8\n\033[2Ja8";
  ProgressReporter reporter(ProgressMode::lines, hostile, output());
  commit(reporter, 20, seconds(1));
  EXPECT_EQ(text.str(), "w8\\n\\x1b[2Ja8  20/20  100 %  20.0 img/s\n");
}

TEST_F(ProgressReport, CountsBusyTimeOfManyThreads) {
  BusyMeter meter({{"read", 1}, {"decode", 1}});
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&meter] {
      for (int i = 0; i < 10'000; ++i) meter.add(1, 2);
    });
  meter.add(0, 79'999);
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(meter.busiest(now), "decode") << "80,000 ns must all have been counted";
}

}  // namespace
}  // namespace qeval
