/// One number bounds what is alive at once.
#include <gtest/gtest.h>

#include "tests/pipeline/text_job.h"

namespace qeval::test {
namespace {

TEST(GraphMemory, ItemsAliveNeverExceedTheBound) {
  for (const int bound : {8, 11, 24, 40}) {
    TextJob job;
    GraphSpec spec = job.spec(600, 8);
    spec.threads = 6;
    spec.max_items_in_flight = bound;
    LiveCount in_flight;
    spec.item_nodes.insert(spec.item_nodes.begin(), ItemNode{"enter", nullptr, 0});
    CallItem enter;
    enter.call = [&](Item&) { in_flight.enter(); };
    spec.item_nodes.front().stage = &enter;
    job.before_split = [](const Item& item) { jitter(41, item.index); };
    job.before_write = [&](const Batch& batch) {
      jitter(42, batch.number);
      for (int i = 0; i < batch.size; ++i) in_flight.leave();
    };
    run_graph(spec);
    EXPECT_LE(in_flight.most(), bound);
    EXPECT_GE(in_flight.most(), 8);
    EXPECT_LE(job.lines_alive.most(), bound);
    EXPECT_LE(job.sheets_alive.most(), (bound + 7) / 8) << "a batch outlives its tokens";
    EXPECT_EQ(in_flight.now(), 0);
    EXPECT_EQ(job.lines_alive.now(), 0);
    EXPECT_EQ(job.sheets_alive.now(), 0);
  }
}

/// A sink that holds back the first batch until the bound is reached proves that the bound can be used up.
TEST(GraphMemory, TheWholeBoundIsUsedWhenTheSinkIsSlow) {
  TextJob job;
  GraphSpec spec = job.spec(200, 4);
  spec.max_items_in_flight = 20;
  std::atomic<int> admitted{0};
  job.before_split = [&](const Item&) {
    ++admitted;
    admitted.notify_all();
  };
  job.before_write = [&](const Batch& batch) {
    for (int seen = admitted; batch.number == 0 && seen < 20; seen = admitted) admitted.wait(seen);
  };
  run_graph(spec);
  EXPECT_EQ(admitted, 200);
}

TEST(GraphMemory, ManyTinyItemsPassWithAFewAlive) {
  TextJob job;
  CallItem count;
  std::atomic<std::int64_t> sum{0};
  count.call = [&](Item& item) { sum += item.index; };
  GraphSpec spec = job.spec(100'000, 16);
  spec.item_nodes = {{"count", &count, 0}};
  spec.max_items_in_flight = 64;
  const GraphSummary summary = run_graph(spec);
  EXPECT_EQ(summary.items_committed, 100'000);
  EXPECT_EQ(summary.batches_committed, 6250);
  EXPECT_EQ(sum, 100'000LL * 99'999 / 2);
  EXPECT_LE(job.sheets_alive.most(), 64 / 16);
}

TEST(GraphMemory, TheDefaultBoundKeepsTwoBatchesBesideTheReplicas) {
  TextJob job;
  GraphSpec spec = job.spec(100, 8);
  spec.batch_node.concurrency = 3;
  EXPECT_EQ(items_in_flight_bound(spec), 40);
  spec.max_items_in_flight = 9;
  EXPECT_EQ(items_in_flight_bound(spec), 9);
  spec.max_items_in_flight = 0;
  spec.batch_size = 1'000'000'000;
  EXPECT_EQ(items_in_flight_bound(spec), 2147483647);
}

}  // namespace
}  // namespace qeval::test
