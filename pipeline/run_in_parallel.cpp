#include "pipeline/run_in_parallel.h"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

namespace qeval {

void run_in_parallel(std::size_t count, int threads, const std::function<void(std::size_t)>& body) {
  using Control = oneapi::tbb::global_control;
  const Control workers(Control::max_allowed_parallelism, static_cast<std::size_t>(threads));
  oneapi::tbb::task_arena arena(threads);
  arena.execute([&] {
    oneapi::tbb::parallel_for(std::size_t{0}, count, body, oneapi::tbb::simple_partitioner());
  });
}

}  // namespace qeval
