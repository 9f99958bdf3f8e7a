// Batches that run at once must leave the states that batches one after the other leave.
#include <atomic>
#include <chrono>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "pipeline/base/errors.h"
#include "stages/quant/analyzers/observer_bank.h"

namespace qeval::test {
namespace {

using States = std::vector<std::vector<std::uint8_t>>;

const std::vector<int> call_sites{1, 3, 0, 1, 2};
constexpr auto scheme = QuantScheme::tf_enhanced;
constexpr auto mode = NumericsMode::aimet_1_24;

std::vector<float> tensor(int quantizer, std::int64_t batch, int call) {
  std::mt19937 random(static_cast<unsigned>(1000 * batch + 10 * quantizer + call));
  std::normal_distribution<float> normal(0.1f * static_cast<float>(quantizer), 1.0f + 0.2f * static_cast<float>(batch));
  std::vector<float> values(700);
  for (float& x : values) x = normal(random);
  return values;
}

/// Feeds one batch through all quantizers in network order; `pause` runs before every call.
template <typename Pause>
void feed(ObserverBank& bank, std::int64_t batch, std::int64_t ordinal, Pause pause) {
  for (int call = 0; call < 3; ++call)
    for (int q = 0; q < bank.size(); ++q)
      if (call < call_sites[static_cast<std::size_t>(q)]) {
        pause();
        bank.observe(q, ordinal, tensor(q, batch, call));
      }
}

const auto no_pause = [] {};

/// States after each of `count` batches, one after the other.
std::vector<States> sequential(int count) {
  ObserverBank bank(call_sites, scheme, mode);
  std::vector<States> states;
  for (int batch = 0; batch < count; ++batch) {
    feed(bank, batch, batch, no_pause);
    bank.finish_batch(batch);
    states.push_back(bank.take_snapshot(batch));
  }
  return states;
}

TEST(ObserverBank, ThreeReplicasWithJitterLeaveTheStatesOfASequentialRun) {
  constexpr int count = 12;
  const auto wanted = sequential(count);
  ObserverBank bank(call_sites, scheme, mode);
  std::atomic<int> next{0};
  std::vector<std::thread> replicas;
  for (unsigned r = 0; r < 3; ++r)
    replicas.emplace_back([&, r] {
      std::mt19937 random(r);
      const auto jitter = [&] { std::this_thread::sleep_for(std::chrono::microseconds(random() % 300)); };
      for (int batch = next++; batch < count; batch = next++) {
        feed(bank, batch, batch, jitter);
        bank.finish_batch(batch);
      }
    });
  for (auto& replica : replicas) replica.join();
  for (int batch = 0; batch < count; ++batch)
    EXPECT_EQ(bank.take_snapshot(batch), wanted[static_cast<std::size_t>(batch)]) << batch;
}

TEST(ObserverBank, LaterBatchWaitsForTheEarlierOne) {
  ObserverBank bank({1}, QuantScheme::tf, mode);
  std::atomic<bool> folded{false};
  std::thread later([&] {
    bank.observe(0, 1, std::vector<float>{9});
    folded = true;
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_FALSE(folded);
  bank.observe(0, 0, std::vector<float>{1});
  later.join();
  EXPECT_TRUE(folded);
}

TEST(ObserverBank, BatchWithoutUsableImagesLetsTheNextOnePass) {
  ObserverBank bank(call_sites, scheme, mode);
  std::thread later([&] {
    feed(bank, 0, 1, no_pause);
    bank.finish_batch(1);
  });
  bank.finish_batch(0);
  later.join();
  EXPECT_EQ(bank.take_snapshot(1), sequential(1).front());
}

TEST(ObserverBank, PartlyFedBatchIsClosedByFinish) {
  ObserverBank bank({2, 1}, QuantScheme::tf, mode);
  bank.observe(0, 0, std::vector<float>{1});
  bank.finish_batch(0);
  bank.finish_batch(0);
  EXPECT_NO_THROW(bank.observe(0, 1, std::vector<float>{2}));
  EXPECT_NO_THROW(bank.observe(1, 1, std::vector<float>{2}));
}

TEST(ObserverBank, QuantizerThatIsNeverFedBlocksNobodyAndStaysOff) {
  ObserverBank bank({0, 1}, scheme, mode);
  bank.observe(1, 0, tensor(1, 0, 0));
  bank.observe(1, 1, tensor(1, 1, 0));
  bank.finish_batch(1);  // although batch 0 was never finished
  EXPECT_EQ(bank.take_snapshot(1).size(), 2u);
  EXPECT_EQ(bank.observer(0).compute({}).bits, 0);
  EXPECT_THROW(bank.observe(0, 2, tensor(0, 0, 0)), InternalError);
}

TEST(ObserverBank, SnapshotIsTheStateAtTheEndOfItsBatch) {
  const auto wanted = sequential(3);
  ObserverBank bank(call_sites, scheme, mode);
  for (int batch = 0; batch < 3; ++batch) feed(bank, batch, batch, no_pause);
  for (int batch = 0; batch < 3; ++batch) bank.finish_batch(batch);
  // Replicas end in any order, so a younger batch may be committed to its state before an older one.
  EXPECT_EQ(bank.take_snapshot(2), wanted[2]);
  EXPECT_EQ(bank.take_snapshot(0), wanted[0]);
  EXPECT_EQ(bank.take_snapshot(1), wanted[1]);
  EXPECT_THROW(bank.take_snapshot(1), InternalError);
}

TEST(ObserverBank, RestoreContinuesBitForBitWithOrdinalsFromZero) {
  const auto wanted = sequential(5);
  for (int split = 1; split < 5; ++split) {
    ObserverBank bank(call_sites, scheme, mode);
    bank.restore(wanted[static_cast<std::size_t>(split - 1)]);
    for (int batch = split; batch < 5; ++batch) {
      feed(bank, batch, batch - split, no_pause);
      bank.finish_batch(batch - split);
    }
    EXPECT_EQ(bank.take_snapshot(4 - split), wanted[4]) << split;
  }
}

TEST(ObserverBank, RestoreRefusesAnotherNetwork) {
  ObserverBank bank({1, 1}, scheme, mode);
  EXPECT_THROW(bank.restore(States(3)), RunError);
}

TEST(ObserverBank, AbortWakesEveryWaiter) {
  ObserverBank bank(call_sites, scheme, mode);
  std::atomic<int> woken{0};
  std::vector<std::thread> waiters;
  for (int ordinal = 1; ordinal <= 2; ++ordinal)
    waiters.emplace_back([&, ordinal] {
      EXPECT_THROW(feed(bank, ordinal, ordinal, no_pause), OtherWorkFailed);
      EXPECT_THROW(bank.finish_batch(ordinal), OtherWorkFailed);
      ++woken;
    });
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  bank.abort();
  for (auto& waiter : waiters) waiter.join();
  EXPECT_EQ(woken, 2);
}

TEST(ObserverBank, OfSeveralBatchesThatFailTheOldestIsTold) {
  ObserverBank bank(call_sites, scheme, mode);
  std::thread younger([&] { EXPECT_THROW(bank.fail_batch(1), OtherWorkFailed); });
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_NO_THROW(bank.fail_batch(0));
  younger.join();
}

TEST(ObserverBank, ABatchFailsOnceTheOlderOnesAreDone) {
  ObserverBank bank(call_sites, scheme, mode);
  std::atomic<bool> finished{false};
  std::thread younger([&] {
    EXPECT_NO_THROW(bank.fail_batch(1));
    EXPECT_TRUE(finished);
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(10));
  finished = true;
  bank.finish_batch(0);
  younger.join();
}

TEST(ObserverBank, MoreCallsThanCallSitesAreAnInternalError) {
  ObserverBank bank({1}, QuantScheme::tf, mode);
  bank.observe(0, 0, std::vector<float>{1});
  EXPECT_THROW(bank.observe(0, 0, std::vector<float>{1}), InternalError);
}

}  // namespace
}  // namespace qeval::test
