#include "pipeline/run_in_parallel.h"

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

TEST(RunInParallel, DoesEveryNumberOnce) {
  for (const int threads : {1, 2, 5}) {
    std::vector<std::atomic<int>> times(1000);
    run_in_parallel(times.size(), threads, [&](std::size_t number) { ++times[number]; });
    for (const auto& count : times) EXPECT_EQ(count, 1);
  }
}

TEST(RunInParallel, NoNumbersAreNoWork) {
  run_in_parallel(0, 2, [](std::size_t) { FAIL(); });
}

TEST(RunInParallel, NeverMoreAtOnceThanThreads) {
  std::atomic<int> now = 0, most = 0;
  run_in_parallel(2000, 2, [&](std::size_t) {
    const int running = ++now;
    for (int seen = most; running > seen && !most.compare_exchange_weak(seen, running);) {
    }
    --now;
  });
  EXPECT_GE(most, 1);
  EXPECT_LE(most, 2);
}

TEST(RunInParallel, TellsOfTheLowestNumberThatFails) {
  for (int times = 0; times < 200; ++times) try {
      run_in_parallel(100, 3, [](std::size_t number) {
        if (number == 8) return;
        if (number == 7) std::this_thread::sleep_for(std::chrono::microseconds(300));
        if (number >= 7) throw InputError(std::to_string(number));
      });
      FAIL();
    } catch (const InputError& error) {
      ASSERT_STREQ(error.what(), "7");
    }
}

TEST(RunInParallel, PassesAnExceptionOn) {
  EXPECT_THROW(run_in_parallel(100, 2,
                               [](std::size_t number) {
                                 if (number == 7) throw InputError("seven");
                               }),
               InputError);
}

}  // namespace
}  // namespace qeval
