// What is computed of a layer's batches when one of them fails.
#include "stages/flow/layer_learning.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

using testing::ElementsAre;

/// Remembers which batches it was asked for; some of them fail.
class FailingExecutor : public LayerwiseExecutor {
 public:
  explicit FailingExecutor(std::vector<std::size_t> failing) : failing_(std::move(failing)) {}
  void admit(std::size_t, std::span<const float>, int) override {}
  OutputShift output_shift(std::size_t number, std::size_t) override {
    compute(number);
    return {};
  }
  void gather(std::size_t number, std::size_t) override { compute(number); }
  std::unique_ptr<LayerData> layer_data(std::size_t) override { return nullptr; }
  void replace(std::size_t, const Tensor&, const Tensor&) override {}

  std::vector<std::size_t> computed;

 private:
  void compute(std::size_t number) {
    const std::lock_guard lock(mutex_);
    computed.push_back(number);
    for (const std::size_t one : failing_)
      if (one == number) throw RunError("batch " + std::to_string(number));
  }
  std::vector<std::size_t> failing_;
  std::mutex mutex_;
};

/// Of both kinds of work, which must agree.
std::string error_of(FailingExecutor& executor, int threads) {
  const LayerWork work{executor, 6, threads, [] { return true; }};
  std::string error;
  try {
    total_output_shift(work, 0);
  } catch (const RunError& thrown) {
    error = thrown.what();
  }
  executor.computed.clear();
  try {
    gathered_layer_data(work, 0);
  } catch (const RunError& thrown) {
    EXPECT_EQ(thrown.what(), error);
  }
  return error;
}

TEST(LayerLearning, NothingIsBegunBehindABatchThatFailed) {
  FailingExecutor executor({2, 4});
  EXPECT_EQ(error_of(executor, 1), "batch 2");
  EXPECT_THAT(executor.computed, ElementsAre(0, 1, 2));
}

TEST(LayerLearning, TheFirstOfSeveralFailuresIsToldWhateverTheThreadsDo) {
  for (int repetition = 0; repetition < 50; ++repetition) {
    FailingExecutor executor({1, 2, 4});
    EXPECT_EQ(error_of(executor, 4), "batch 1");
  }
}

TEST(LayerLearning, WithoutAFailureAllAreComputed) {
  FailingExecutor executor({});
  EXPECT_EQ(error_of(executor, 1), "");
  EXPECT_THAT(executor.computed, ElementsAre(0, 1, 2, 3, 4, 5));
}

}  // namespace
}  // namespace qeval
