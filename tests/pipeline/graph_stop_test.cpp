/// A stop request ends admission between two batches; all that was admitted is committed.
#include <gtest/gtest.h>

#include "tests/pipeline/text_job.h"

namespace qeval::test {
namespace {

TEST(GraphStop, WhatWasAdmittedIsCommittedInWholeBatches) {
  for (const int threads : {1, 4}) {
    TextJob job;
    StopToken stop;
    GraphSpec spec = job.spec(1000, 8);
    spec.threads = threads;
    spec.stop = &stop;
    job.before_split = [&](const Item& item) {
      jitter(31, item.index);
      if (item.index == 203) stop.request(2);
    };
    const GraphSummary summary = run_graph(spec);
    EXPECT_TRUE(summary.stopped);
    EXPECT_EQ(summary.items_admitted, summary.items_committed);
    EXPECT_EQ(summary.items_committed % 8, 0);
    EXPECT_GE(summary.items_committed, 208);
    EXPECT_LE(summary.items_committed, 208 + items_in_flight_bound(spec) + 8);
    ASSERT_EQ(static_cast<std::int64_t>(job.rows.size()), summary.batches_committed);
    for (std::size_t i = 0; i < job.rows.size(); ++i)
      EXPECT_EQ(job.rows[i], expected_row(static_cast<std::int64_t>(i), 1000, 8));
  }
}

TEST(GraphStop, ARequestBeforeTheRunAdmitsNothing) {
  TextJob job;
  StopToken stop;
  stop.request(15);
  GraphSpec spec = job.spec(100, 8);
  spec.stop = &stop;
  const GraphSummary summary = run_graph(spec);
  EXPECT_TRUE(summary.stopped);
  EXPECT_EQ(summary.items_admitted, 0);
  EXPECT_EQ(job.rows.size(), 0u);
}

TEST(GraphStop, ARequestAfterTheLastBatchBeganIsNoEarlyEnd) {
  TextJob job;
  StopToken stop;
  GraphSpec spec = job.spec(24, 8);
  spec.stop = &stop;
  job.before_write = [&](const Batch& batch) {
    if (batch.number == 2) stop.request(2);
  };
  const GraphSummary summary = run_graph(spec);
  EXPECT_FALSE(summary.stopped);
  EXPECT_EQ(summary.items_committed, 24);
}

TEST(GraphStop, AStoppedRunGoesOnWithTheRestOfThePlan) {
  TextJob first;
  StopToken stop;
  GraphSpec spec = first.spec(300, 8);
  spec.stop = &stop;
  first.before_fold = [&](const Batch& batch) {
    if (batch.number == 6) stop.request(2);
  };
  const GraphSummary summary = run_graph(spec);
  ASSERT_TRUE(summary.stopped);

  TextJob second;
  GraphSpec rest = second.spec(300, 8);
  rest.batch_numbers.erase(rest.batch_numbers.begin(), rest.batch_numbers.begin() + summary.batches_committed);
  run_graph(rest);

  std::vector<std::string> rows = first.rows;
  rows.insert(rows.end(), second.rows.begin(), second.rows.end());
  TextJob whole;
  run_graph(whole.spec(300, 8));
  EXPECT_EQ(rows, whole.rows);
}

}  // namespace
}  // namespace qeval::test
