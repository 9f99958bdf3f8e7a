#pragma once
/// First-in first-out queue of batches that may start.
///
/// oneTBB starts the bodies of a concurrent node in any order; a body that takes its batch from here takes the oldest.
/// Thread-safety: both calls from any worker.
#include <mutex>
#include <queue>
#include <utility>

#include "pipeline/in_flight.h"

namespace qeval {

class StartQueue {
 public:
  void push(BatchPtr batch) {
    const std::lock_guard<std::mutex> lock(mutex_);
    waiting_.push(std::move(batch));
  }

  /// Never called more often than push().
  BatchPtr pop_oldest() {
    const std::lock_guard<std::mutex> lock(mutex_);
    BatchPtr oldest = std::move(waiting_.front());
    waiting_.pop();
    return oldest;
  }

 private:
  std::mutex mutex_;
  std::queue<BatchPtr> waiting_;
};

}  // namespace qeval
