#include "pipeline/run_in_parallel.h"

#include <oneapi/tbb/flow_graph.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

namespace qeval {

/// One node of a flow graph: what tsan_scheduler.cpp knows to explain.
void run_in_parallel(std::size_t count, int threads, const std::function<void(std::size_t)>& body) {
  namespace flow = oneapi::tbb::flow;
  using Control = oneapi::tbb::global_control;
  const auto limit = static_cast<std::size_t>(threads);
  const Control workers(Control::max_allowed_parallelism, limit);
  oneapi::tbb::task_arena arena(threads);
  arena.execute([&] {
    flow::graph graph;
    flow::function_node<std::size_t> node(graph, limit, [&](std::size_t number) {
      body(number);
      return flow::continue_msg();
    });
    for (std::size_t number = 0; number < count; ++number) node.try_put(number);
    graph.wait_for_all();
  });
}

}  // namespace qeval
