/// What is committed, and in which order, must follow from the plan alone.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "pipeline/base/errors.h"
#include "tests/pipeline/text_job.h"

namespace qeval::test {
namespace {

std::vector<std::string> expected_rows(const GraphSpec& spec) {
  std::vector<std::string> rows;
  for (const std::int64_t number : spec.batch_numbers)
    rows.push_back(expected_row(number, spec.item_count, spec.batch_size));
  return rows;
}

TEST(GraphOrder, OneThreadWithTheSmallestBoundMakesProgress) {
  TextJob job;
  GraphSpec spec = job.spec(103, 10);
  spec.threads = 1;
  spec.max_items_in_flight = 10;
  const GraphSummary summary = run_graph(spec);
  EXPECT_EQ(summary.items_admitted, 103);
  EXPECT_EQ(summary.items_committed, 103);
  EXPECT_EQ(summary.batches_committed, 11);
  EXPECT_FALSE(summary.stopped);
  EXPECT_EQ(job.rows, expected_rows(spec));
}

TEST(GraphOrder, OneThreadWithSerialNodesMakesProgress) {
  TextJob job;
  GraphSpec spec = job.spec(57, 8);
  spec.threads = 1;
  for (ItemNode& node : spec.item_nodes) node.concurrency = 1;
  spec.batch_node.concurrency = 1;
  run_graph(spec);
  EXPECT_EQ(job.rows, expected_rows(spec));
}

TEST(GraphOrder, CommittedRowsDoNotDependOnThreadsOrTiming) {
  for (const int threads : {1, 2, 8})
    for (const std::uint64_t seed : {1u, 2u, 3u}) {
      TextJob job;
      GraphSpec spec = job.spec(230, 7);
      spec.threads = threads;
      spec.batch_node.concurrency = 3;
      spec.item_nodes[1].concurrency = 2;
      job.before_split = [seed](const Item& item) { jitter(seed, item.index); };
      job.before_fold = [seed](const Batch& batch) { jitter(seed + 99, batch.number); };
      run_graph(spec);
      EXPECT_EQ(job.rows, expected_rows(spec)) << threads << " threads, seed " << seed;
    }
}

TEST(GraphOrder, LastBatchHoldsOnlyTheItemsThatExist) {
  TextJob job;
  GraphSpec spec = job.spec(21, 8);
  int last_size = 0;
  job.before_write = [&](const Batch& batch) { last_size = batch.size; };
  run_graph(spec);
  EXPECT_EQ(last_size, 5);
  EXPECT_EQ(job.rows, expected_rows(spec));
}

TEST(GraphOrder, APlanWithGapsKeepsNumbersAndCountsOrdinalsFromZero) {
  TextJob job;
  GraphSpec spec = job.spec(95, 10);
  spec.batch_numbers = {1, 4, 5, 9};
  std::vector<std::int64_t> ordinals;
  job.before_write = [&](const Batch& batch) { ordinals.push_back(batch.ordinal); };
  const GraphSummary summary = run_graph(spec);
  EXPECT_EQ(summary.items_committed, 35);
  EXPECT_EQ(job.rows, expected_rows(spec));
  EXPECT_THAT(ordinals, testing::ElementsAre(0, 1, 2, 3));
}

TEST(GraphOrder, AnEmptyPlanEndsAtOnce) {
  TextJob job;
  GraphSpec spec = job.spec(0, 4);
  const GraphSummary summary = run_graph(spec);
  EXPECT_EQ(summary.items_admitted, 0);
  EXPECT_FALSE(summary.stopped);
}

/// At the entry of batch k the older ones have all been taken; only those taken by the other replicas at this very
/// moment may not have entered yet.
TEST(GraphOrder, BatchStageStartsBatchesInOrder) {
  constexpr int replicas = 3;
  TextJob job;
  GraphSpec spec = job.spec(400, 4);
  spec.threads = 8;
  spec.batch_node.concurrency = replicas;
  std::mutex mutex;
  std::int64_t entered = 0;
  std::int64_t most_missing = 0;
  job.before_weigh = [](const Item& item) { jitter(5, item.index); };
  job.before_fold = [&](const Batch& batch) {
    {
      const std::lock_guard<std::mutex> lock(mutex);
      most_missing = std::max(most_missing, batch.ordinal - entered);
      ++entered;
    }
    jitter(6, batch.number);
  };
  run_graph(spec);
  EXPECT_LT(most_missing, replicas);
  EXPECT_EQ(job.rows, expected_rows(spec));
}

/// The first batch holds the stage until all that may be admitted has been weighed, so that several batches wait.
TEST(GraphOrder, ASerialBatchStageSeesBatchesExactlyInOrder) {
  TextJob job;
  GraphSpec spec = job.spec(300, 3);
  spec.batch_node.concurrency = 1;
  spec.max_items_in_flight = 30;
  std::vector<std::int64_t> seen;
  std::atomic<int> weighed{0};
  job.before_weigh = [&](const Item& item) {
    jitter(8, item.index);
    ++weighed;
    weighed.notify_all();
  };
  job.before_fold = [&](const Batch& batch) {
    seen.push_back(batch.number);
    for (int count = weighed; batch.number == 0 && count < 30; count = weighed) weighed.wait(count);
  };
  run_graph(spec);
  EXPECT_EQ(seen, spec.batch_numbers);
}

/// Would hang if a younger batch could occupy every replica while an older one had not begun.
TEST(GraphOrder, ABatchStageMayWaitForAnOlderBatch) {
  TextJob job;
  GraphSpec spec = job.spec(240, 4);
  spec.threads = 6;
  spec.batch_node.concurrency = 3;
  std::mutex mutex;
  std::condition_variable finished_more;
  std::int64_t finished = 0;
  job.before_weigh = [](const Item& item) { jitter(11, item.index); };
  job.before_fold = [&](const Batch& batch) {
    std::unique_lock<std::mutex> lock(mutex);
    finished_more.wait(lock, [&] { return finished == batch.ordinal; });
    ++finished;
    finished_more.notify_all();
  };
  run_graph(spec);
  EXPECT_EQ(finished, 60);
}

TEST(GraphOrder, PayloadIsMadeOncePerBatchBeforeItsItems) {
  TextJob job;
  GraphSpec spec = job.spec(100, 8);
  job.before_split = [](const Item& item) { ASSERT_NE(item.batch->payload, nullptr); };
  run_graph(spec);
  EXPECT_EQ(job.sheets_made, 13);
}

}  // namespace
}  // namespace qeval::test
