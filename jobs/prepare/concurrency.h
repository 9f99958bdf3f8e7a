#pragma once
/// Threads, replicas and decode concurrency after defaults: what `plan` prints and the graph uses.
/// Thread-safety: free function.
#include <string_view>

#include "jobs/language/job_spec.h"

namespace qeval {

struct Concurrency {
  int threads = 1, replicas = 1, decode = 0;
};

/// Defaults are the cores that this process may use, whatever taskset and cgroups leave of the machine's.
/// `device`: what the network computes on, as its executor says: "cpu" has a replica per thread.
Concurrency resolve_concurrency(const RunSettings& settings, std::string_view device = "cpu");

}  // namespace qeval
