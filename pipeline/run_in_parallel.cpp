#include "pipeline/run_in_parallel.h"

#include <atomic>
#include <exception>
#include <mutex>

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

namespace qeval {
namespace {

/// Lets an exception end no thread before all lower numbers are done: oneTBB would drop those that wait.
class LowestFailure {
 public:
  explicit LowestFailure(std::size_t count) : number_(count) {}

  void run(std::size_t number, const std::function<void(std::size_t)>& body) {
    if (number > number_.load()) return;
    try {
      body(number);
    } catch (...) {
      std::lock_guard lock(mutex_);
      if (number >= number_.load()) return;
      number_ = number;
      failure_ = std::current_exception();
    }
  }

  void rethrow_if_any() const {
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  std::mutex mutex_;
  std::atomic<std::size_t> number_;
  std::exception_ptr failure_;
};

}  // namespace

/// One node of a flow graph: what tsan_scheduler.cpp knows to explain.
void run_in_parallel(std::size_t count, int threads, const std::function<void(std::size_t)>& body) {
  namespace flow = oneapi::tbb::flow;
  using Control = oneapi::tbb::global_control;
  const auto limit = static_cast<std::size_t>(threads);
  const Control workers(Control::max_allowed_parallelism, limit);
  oneapi::tbb::task_arena arena(threads);
  LowestFailure failure(count);
  arena.execute([&] {
    flow::graph graph;
    flow::function_node<std::size_t> node(graph, limit, [&](std::size_t number) {
      failure.run(number, body);
      return flow::continue_msg();
    });
    for (std::size_t number = 0; number < count; ++number) node.try_put(number);
    graph.wait_for_all();
  });
  failure.rethrow_if_any();
}

}  // namespace qeval
