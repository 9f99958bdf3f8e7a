/// The observer hears of every body and of every commit.
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <thread>

#include "pipeline/base/errors.h"
#include "tests/pipeline/text_job.h"

namespace qeval::test {
namespace {

struct Counter : RunObserver {
  void stage_busy(int node, std::int64_t nanoseconds) override {
    ++calls.at(static_cast<std::size_t>(node));
    busy.at(static_cast<std::size_t>(node)) += nanoseconds;
  }
  void batch_committed(const Batch& batch) override {
    committed.push_back(batch.number);
    payload_was_there = payload_was_there && batch.payload != nullptr;
  }
  std::array<std::atomic<std::int64_t>, 4> calls{}, busy{};
  std::vector<std::int64_t> committed;
  bool payload_was_there = true;
};

TEST(GraphObserver, HearsOfEveryBodyByNodeNumber) {
  TextJob job;
  Counter counter;
  GraphSpec spec = job.spec(50, 8);
  spec.observer = &counter;
  job.before_split = [](const Item& item) {
    if (item.index < 6) throw ItemError("torn", "torn");
  };
  run_graph(spec);
  EXPECT_EQ(counter.calls[0], 50);
  EXPECT_EQ(counter.calls[1], 44) << "skipped items are no work of the second stage";
  EXPECT_EQ(counter.calls[2], 7);
  EXPECT_EQ(counter.calls[3], 7);
  EXPECT_EQ(counter.committed, spec.batch_numbers);
  EXPECT_TRUE(counter.payload_was_there);
}

TEST(GraphObserver, HearsAtLeastTheTimeABodySlept) {
  TextJob job;
  Counter counter;
  GraphSpec spec = job.spec(4, 2);
  spec.observer = &counter;
  std::atomic<std::int64_t> slept{0};
  job.before_weigh = [&](const Item&) {
    const auto begin = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    slept += std::chrono::nanoseconds(std::chrono::steady_clock::now() - begin).count();
  };
  run_graph(spec);
  EXPECT_GE(counter.busy[1], slept);
}

}  // namespace
}  // namespace qeval::test
