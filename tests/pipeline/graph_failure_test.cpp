/// Bad data flows on as a value; a broken world ends the run with stage and work named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <new>
#include <stdexcept>
#include <thread>

#include "pipeline/base/errors.h"
#include "tests/pipeline/text_job.h"

namespace qeval::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// Runs a job that must fail and returns how.
Error failure_of(const GraphSpec& spec) {
  try {
    run_graph(spec);
  } catch (const Error& error) {
    return error;
  }
  ADD_FAILURE() << "the run did not fail";
  return Error(ExitCode::ok, "");
}

TEST(GraphFailure, AnItemErrorIsRecordedAndLaterStagesSkipTheItem) {
  TextJob job;
  GraphSpec spec = job.spec(24, 8);
  std::atomic<int> weighed{0};
  std::atomic<bool> weighed_a_failed_item{false};
  job.before_split = [](const Item& item) {
    if (item.index % 5 == 3) throw ItemError("smudged", "line " + std::to_string(item.index) + " cannot be read");
  };
  job.before_weigh = [&](const Item& item) {
    ++weighed;
    if (item.index % 5 == 3) weighed_a_failed_item = true;
  };
  const GraphSummary summary = run_graph(spec);
  EXPECT_EQ(summary.items_committed, 24);
  EXPECT_EQ(weighed, 19);
  EXPECT_FALSE(weighed_a_failed_item);
  ASSERT_EQ(job.rows.size(), 3u);
  EXPECT_THAT(job.rows[0], HasSubstr(" [3 split/smudged/line 3 cannot be read]"));
  EXPECT_THAT(job.rows[1], AllOf(HasSubstr(" [0 split/smudged/line 8 cannot be read]"),
                                 HasSubstr(" [5 split/smudged/line 13 cannot be read]")));
  EXPECT_THAT(job.rows[2], AllOf(HasSubstr(" [2 split/"), HasSubstr(" [7 split/")));
}

TEST(GraphFailure, ABatchOfFailedItemsLeavesNoGap) {
  TextJob job;
  GraphSpec spec = job.spec(40, 4);
  job.before_weigh = [](const Item& item) {
    if (item.batch->number == 3 || item.batch->number == 4) throw ItemError("torn", "torn");
  };
  const GraphSummary summary = run_graph(spec);
  EXPECT_EQ(summary.batches_committed, 10);
  EXPECT_THAT(job.rows[3], AllOf(HasSubstr("[0 weigh/torn/torn]"), HasSubstr("[3 weigh/torn/torn]")));
  EXPECT_EQ(job.rows[5], expected_row(5, 40, 4));
}

enum class Place { payload, first_item_stage, last_item_stage, batch_stage, sink };

struct Thrower {
  const char* name;
  std::function<void()> raise;
  ExitCode code;
  std::string told;
};

std::vector<Thrower> throwers() {
  return {{"runtime_error", [] { throw std::runtime_error("disk on fire"); }, ExitCode::run_failed, "disk on fire"},
          {"own error", [] { throw InputError("list.txt changed"); }, ExitCode::input, "list.txt changed"},
          {"database error", [] { throw DatabaseError("read-only"); }, ExitCode::database, "read-only"},
          {"bad_alloc", [] { throw std::bad_alloc(); }, ExitCode::run_failed, "out of memory"},
          {"logic_error", [] { throw std::out_of_range("index 9"); }, ExitCode::internal, "index 9"},
          {"integer", [] { throw 42; }, ExitCode::run_failed, "an exception of unknown type"}};
}

void raise_at(TextJob& job, Place place, const std::function<void()>& raise) {
  const auto at_item = [raise](const Item& item) {
    if (item.index == 17) raise();
  };
  const auto at_batch = [raise](const Batch& batch) {
    if (batch.number == 4) raise();
  };
  if (place == Place::payload) job.before_payload = at_batch;
  if (place == Place::first_item_stage) job.before_split = at_item;
  if (place == Place::last_item_stage) job.before_weigh = at_item;
  if (place == Place::batch_stage) job.before_fold = at_batch;
  if (place == Place::sink) job.before_write = at_batch;
}

TEST(GraphFailure, AnExceptionOfAnyNodeEndsTheRunWithStageAndWorkNamed) {
  const std::pair<Place, std::string> places[] = {{Place::payload, "stage 'admission', item 16: "},
                                                  {Place::first_item_stage, "stage 'split', item 17: "},
                                                  {Place::last_item_stage, "stage 'weigh', item 17: "},
                                                  {Place::batch_stage, "stage 'fold', batch 4: "},
                                                  {Place::sink, "stage 'write', batch 4: "}};
  for (const auto& [place, prefix] : places)
    for (const Thrower& thrower : throwers())
      for (const int threads : {1, 4}) {
        SCOPED_TRACE(prefix + thrower.name);
        TextJob job;
        GraphSpec spec = job.spec(400, 4);
        spec.threads = threads;
        int hook_calls = 0;
        spec.on_failure = [&] { ++hook_calls; };
        raise_at(job, place, thrower.raise);
        const Error error = failure_of(spec);
        EXPECT_EQ(error.code(), thrower.code);
        EXPECT_THAT(error.what(), AllOf(testing::StartsWith(prefix), HasSubstr(thrower.told)));
        EXPECT_EQ(hook_calls, 1);
        EXPECT_LT(job.rows.size(), 100u);
        EXPECT_EQ(job.lines_alive.now(), 0) << "a dropped item leaked";
        EXPECT_EQ(job.sheets_alive.now(), 0) << "a dropped batch leaked";
      }
}

TEST(GraphFailure, AnItemErrorOutsideAnItemStageEndsTheRun) {
  TextJob job;
  job.before_fold = [](const Batch&) { throw ItemError("odd", "not an item"); };
  const Error error = failure_of(job.spec(8, 4));
  EXPECT_EQ(error.code(), ExitCode::run_failed);
  EXPECT_THAT(error.what(), HasSubstr("not an item"));
}

TEST(GraphFailure, WhatWasCommittedBeforeAFailureIsAPrefixOfThePlan) {
  TextJob job;
  GraphSpec spec = job.spec(200, 4);
  job.before_split = [](const Item& item) {
    jitter(21, item.index);
    if (item.index == 150) throw std::runtime_error("boom");
  };
  failure_of(spec);
  ASSERT_LE(job.rows.size(), 37u);
  for (std::size_t i = 0; i < job.rows.size(); ++i)
    EXPECT_EQ(job.rows[i], expected_row(static_cast<std::int64_t>(i), 200, 4));
}

TEST(GraphFailure, OnlyTheFirstOfManyFailuresIsReportedAndTheHookRunsOnce) {
  TextJob job;
  GraphSpec spec = job.spec(400, 4);
  std::atomic<int> hook_calls{0};
  spec.on_failure = [&] {
    ++hook_calls;
    throw std::runtime_error("a hook must not throw, and if it does it is not the story");
  };
  job.before_split = [](const Item&) { throw std::runtime_error("all of them"); };
  EXPECT_THAT(failure_of(spec).what(), HasSubstr("all of them"));
  EXPECT_EQ(hook_calls, 1);
}

/// Batch 4 leaves before batch 3, for whose work it waited, has told of its failure.
TEST(GraphFailure, WhoWaitedForWorkThatFailedIsNotTheStory) {
  TextJob job;
  GraphSpec spec = job.spec(80, 4);
  std::atomic<bool> left{false};
  job.before_fold = [&](const Batch& batch) {
    if (batch.number == 4) {
      left = true;
      throw OtherWorkFailed();
    }
    if (batch.number != 3) return;
    while (!left) std::this_thread::yield();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    throw std::runtime_error("the cause");
  };
  EXPECT_STREQ(failure_of(spec).what(), "stage 'fold', batch 3: the cause");
}

TEST(GraphFailure, AFailureThatNobodyTellsIsAnInternalError) {
  TextJob job;
  job.before_fold = [&](const Batch&) { throw OtherWorkFailed(); };
  EXPECT_EQ(failure_of(job.spec(8, 4)).code(), ExitCode::internal);
}

/// Batch 3 fails while batch 4 waits for it: the hook is what lets the run end, and batch 3 is what is reported.
TEST(GraphFailure, TheHookWakesStagesThatWaitForAnOlderBatch) {
  TextJob job;
  GraphSpec spec = job.spec(80, 4);
  std::mutex mutex;
  std::condition_variable changed;
  std::int64_t finished = 0;
  bool failed = false;
  bool younger_entered = false;
  spec.on_failure = [&] {
    const std::lock_guard<std::mutex> lock(mutex);
    failed = true;
    changed.notify_all();
  };
  job.before_fold = [&](const Batch& batch) {
    std::unique_lock<std::mutex> lock(mutex);
    if (batch.number > 3) younger_entered = true;
    changed.notify_all();
    changed.wait(lock, [&] { return failed || finished == batch.ordinal; });
    if (failed) throw std::runtime_error("woken");
    if (batch.number == 3) {
      changed.wait_for(lock, std::chrono::seconds(5), [&] { return younger_entered; });
      throw std::runtime_error("the cause");
    }
    ++finished;
    changed.notify_all();
  };
  EXPECT_STREQ(failure_of(spec).what(), "stage 'fold', batch 3: the cause");
  EXPECT_TRUE(younger_entered);
  EXPECT_EQ(finished, 3);
}

/// While the hook runs the graph is not yet cancelled; a body on its way in may still arrive, one per other thread.
TEST(GraphFailure, NoStageIsBegunOnceOneHasFailed) {
  TextJob job;
  GraphSpec spec = job.spec(4000, 4);
  spec.max_items_in_flight = 4000;
  std::atomic<bool> failed{false};
  std::atomic<int> begun_after{0};
  spec.on_failure = [&] {
    failed = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  };
  job.before_split = [&](const Item& item) {
    begun_after += failed;
    if (item.index == 30) throw std::runtime_error("boom");
  };
  failure_of(spec);
  EXPECT_LE(begun_after, spec.threads - 1);
}

}  // namespace
}  // namespace qeval::test
