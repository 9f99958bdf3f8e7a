// What a network gets to see of a batch, and where its answers go.
#include "stages/flow/network_stages.h"

#include <chrono>
#include <cmath>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "tests/flow/flow_fixture.h"

namespace qeval {
namespace {

using ::testing::ElementsAre;

constexpr int class_count = 6;

/// Remembers its input. Row i of its logits has class i first.
class RecordingExecutor : public Executor {
 public:
  void infer(std::span<const float> images, int n, std::span<float> logits) const override {
    remember(images, n);
    for (std::size_t row = 0; row < static_cast<std::size_t>(n); ++row) logits[row * class_count + row] = 5;
    if (broken_row >= 0) logits[static_cast<std::size_t>(broken_row) * class_count] = NAN;
  }
  std::string first_not_finite(std::span<const float>, int, int) const override { return "never asked by a stage"; }
  void observe(std::span<const float> images, int n, std::int64_t ordinal, ObserverBank& bank) const override {
    remember(images, n);
    bank.observe(0, ordinal, images);
    bank.finish_batch(ordinal);
  }
  std::string device() const override { return "cpu"; }
  std::string environment() const override { return ""; }

  mutable std::vector<float> seen_images;
  mutable int seen_n = -1;
  int broken_row = -1;  ///< gets a NaN

 private:
  void remember(std::span<const float> given, int count) const {
    seen_images.assign(given.begin(), given.end());
    seen_n = count;
  }
};

/// Three slots of two values, counting up from 1.
Batch counted_batch(int size) {
  Batch batch = test::make_batch(0, size, 3, 2);
  test::data_of(batch).slab = {1, 2, 3, 4, 5, 6};
  return batch;
}

void fail(Batch& batch, std::size_t slot) { batch.failures[slot] = ItemFailure{"decode", "truncated", "ends early"}; }

TEST(InferStage, ComputesThePaddedBatchAndKeepsTheAnswersOfItsImages) {
  RecordingExecutor executor;
  Batch batch = counted_batch(2);
  fail(batch, 0);
  InferStage(executor, class_count).process(batch);
  EXPECT_EQ(executor.seen_n, 3) << "results depend on the batch size, so it never changes";
  EXPECT_THAT(executor.seen_images, ElementsAre(1, 2, 3, 4, 5, 6));
  const ImageBatch& data = test::data_of(batch);
  EXPECT_EQ(data.outcomes[1].classes[0], 1);
  EXPECT_EQ(data.outcomes[2].classes[0], -1) << "padding";
  EXPECT_TRUE(data.slab.empty()) << "used up";
}

TEST(InferStage, KeepsTheImagesWhereALogitIsNotFinite) {
  RecordingExecutor executor;
  executor.broken_row = 1;
  Batch batch = counted_batch(2);
  InferStage(executor, class_count).process(batch);
  const ImageBatch& data = test::data_of(batch);
  EXPECT_TRUE(data.outcomes[0].finite);
  EXPECT_FALSE(data.outcomes[1].finite);
  EXPECT_THAT(data.slab, ElementsAre(1, 2, 3, 4, 5, 6)) << "to be looked at again";
}

TEST(InferStage, WhatComesOfPaddingAndFailedImagesDoesNotCount) {
  RecordingExecutor executor;
  executor.broken_row = 1;
  Batch padded = counted_batch(1), failed = counted_batch(2);
  fail(failed, 1);
  for (Batch* batch : {&padded, &failed}) {
    InferStage(executor, class_count).process(*batch);
    EXPECT_TRUE(test::data_of(*batch).slab.empty());
  }
}

class ObservingStage : public ::testing::Test {
 protected:
  void process(Batch& batch) { ObserveStage(executor_, bank_).process(batch); }

  RecordingExecutor executor_;
  ObserverBank bank_{{1}, QuantScheme::tf, NumericsMode::aimet_torch_2};
};

TEST_F(ObservingStage, LeavesFailedImagesOutAndMovesTheRestTogether) {
  Batch batch = counted_batch(3);
  fail(batch, 1);
  process(batch);
  EXPECT_EQ(executor_.seen_n, 2);
  EXPECT_THAT(executor_.seen_images, ElementsAre(1, 2, 5, 6));
  EXPECT_TRUE(test::data_of(batch).slab.empty()) << "used up";
}

TEST_F(ObservingStage, LeavesPaddingOut) {
  Batch batch = counted_batch(1);
  process(batch);
  EXPECT_EQ(executor_.seen_n, 1);
  EXPECT_THAT(executor_.seen_images, ElementsAre(1, 2));
}

TEST_F(ObservingStage, KeepsTheObserversStateWithTheBatchItFollows) {
  Batch first = counted_batch(3), second = counted_batch(3);
  second.ordinal = 1;
  test::data_of(second).slab.back() = 60;
  process(first);
  process(second);
  ASSERT_EQ(test::data_of(first).snapshot.size(), 1u);
  ObserverBank restored({1}, QuantScheme::tf, NumericsMode::aimet_torch_2);
  restored.restore(test::data_of(first).snapshot);
  EXPECT_NE(test::data_of(first).snapshot, test::data_of(second).snapshot);
  restored.observe(0, 0, std::vector<float>{1, 2, 3, 4, 5, 60});
  restored.finish_batch(0);
  EXPECT_EQ(restored.take_snapshot(0), test::data_of(second).snapshot);
}

TEST_F(ObservingStage, OfBatchesThatFailTheOldestIsTold) {
  Batch first = counted_batch(3), second = counted_batch(3);
  second.ordinal = 1;
  for (Batch* batch : {&first, &second}) test::data_of(*batch).slab[0] = NAN;
  std::thread younger([&] {
    const RecordingExecutor replica;
    EXPECT_THROW(ObserveStage(replica, bank_).process(second), OtherWorkFailed);
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_THROW(process(first), RunError);
  younger.join();
}

TEST_F(ObservingStage, ABatchWithoutAGoodImageIsNotRunAndDoesNotHoldUpTheNext) {
  Batch batch = counted_batch(2), next = counted_batch(3);
  fail(batch, 0);
  fail(batch, 1);
  next.ordinal = 1;
  process(batch);
  EXPECT_EQ(executor_.seen_n, -1);
  EXPECT_EQ(test::data_of(batch).snapshot.size(), 1u) << "it is committed as any other";
  process(next);
  EXPECT_EQ(executor_.seen_n, 3);
}

}  // namespace
}  // namespace qeval
