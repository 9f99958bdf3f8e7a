#include "tools/bench/timed_work.h"

#include <time.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>

namespace qeval::bench {
namespace {

double cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace

Elapsed run_batches(int batches, int threads, const std::function<void(int)>& work) {
  std::atomic<int> next{0};
  std::exception_ptr failure;
  std::mutex failure_mutex;
  const auto worker = [&] {
    try {
      for (int batch; (batch = next.fetch_add(1)) < batches;) work(batch);
    } catch (...) {
      const std::lock_guard lock(failure_mutex);
      failure = std::current_exception();
      next = batches;
    }
  };
  const auto wall_start = std::chrono::steady_clock::now();
  const double cpu_start = cpu_seconds();
  {
    std::vector<std::jthread> pool;
    for (int i = 0; i < threads; ++i) pool.emplace_back(worker);
  }
  if (failure) std::rethrow_exception(failure);
  return {std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_start).count(),
          cpu_seconds() - cpu_start};
}

void interleave(std::vector<Contender>& contenders, int rounds) {
  for (Contender& contender : contenders) contender.run();
  for (int round = 0; round < rounds; ++round)
    for (Contender& contender : contenders) {
      const Elapsed elapsed = contender.run();
      contender.wall.push_back(elapsed.wall);
      contender.cpu.push_back(elapsed.cpu);
    }
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace qeval::bench
