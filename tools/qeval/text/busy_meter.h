#pragma once
/// Finds the node that a graph waits for: the one that uses most of its own capacity.
/// Thread-safety: add from any thread; busiest from one at a time.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/run_observer.h"

namespace qeval {

class BusyMeter {
 public:
  explicit BusyMeter(const std::vector<MeteredNode>& nodes);

  void add(int node, std::int64_t nanoseconds);

  /// Name of the node with the most busy time per unit of capacity since the last look, empty if none was busy yet.
  /// A look lasts at least a second, so that the answer does not flicker; in between the last one is repeated.
  std::string busiest(std::chrono::steady_clock::time_point now);

 private:
  struct Meter {
    std::atomic<std::int64_t> busy_ns{0};
    std::int64_t at_last_look_ns = 0;
  };

  std::vector<MeteredNode> nodes_;
  std::vector<Meter> meters_;
  std::string answer_;
  std::chrono::steady_clock::time_point last_look_{};
};

}  // namespace qeval
