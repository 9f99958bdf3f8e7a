#pragma once
/// Threads, replicas and decode concurrency after defaults: what `plan` prints and the graph uses.
/// Thread-safety: free function.
#include "jobs/language/job_spec.h"

namespace qeval {

struct Concurrency {
  int threads = 1, replicas = 1, decode = 0;
};

/// Defaults are the cores that this process may use, whatever taskset and cgroups leave of the machine's.
Concurrency resolve_concurrency(const RunSettings& settings, bool on_cpu);

}  // namespace qeval
