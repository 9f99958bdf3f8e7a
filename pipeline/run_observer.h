#pragma once
/// What the engine tells about its progress.
/// Thread-safety: stage_busy may be called from any worker; batch_committed only from the serial commit node.
#include <cstdint>
#include <string>

#include "pipeline/stage.h"

namespace qeval {

struct MeteredNode {
  std::string name;
  int capacity = 1;  ///< bodies that can run at once; for an unlimited node the number of threads
};

class RunObserver {
 public:
  virtual ~RunObserver() = default;
  /// One body of node `node` (item nodes first, then batch node, then sink) ran for `nanoseconds`.
  virtual void stage_busy(int node, std::int64_t nanoseconds) = 0;
  /// Called after the sink committed `batch`.
  virtual void batch_committed(const Batch& batch) = 0;
};

}  // namespace qeval
