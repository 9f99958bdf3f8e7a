#include "jobs/prepare/concurrency.h"

#include <sched.h>

#include <algorithm>

namespace qeval {
namespace {

int usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof set, &set) == 0 ? std::max(1, CPU_COUNT(&set)) : 1;
}

}  // namespace

Concurrency resolve_concurrency(const RunSettings& settings, std::string_view device) {
  Concurrency c;
  c.threads = settings.threads > 0 ? settings.threads : usable_cores();
  c.replicas = settings.replicas > 0 ? settings.replicas : (device == "cpu" ? c.threads : 1);
  c.decode = settings.decode_threads;
  return c;
}

}  // namespace qeval
