#pragma once
/// Keeps the first exception that ends a run, told with the stage and the work it happened in.
/// Thread-safety: all of it may be called from any worker.
#include <atomic>
#include <exception>
#include <functional>
#include <string>

#include "pipeline/in_flight.h"

namespace qeval {

class FirstFailure {
 public:
  /// `on_first` runs once, in the thread that fails first; what it throws is dropped.
  explicit FirstFailure(std::function<void()> on_first) : on_first_(std::move(on_first)) {}

  /// Call from a catch block. Later failures are dropped: they are mostly stages that were woken by the first.
  void record_current(const std::string& stage, WorkName work) noexcept;

  bool occurred() const noexcept { return occurred_.load(std::memory_order_acquire); }

  /// Throws what was recorded; call when no worker is left.
  void rethrow_if_any() const;

 private:
  std::function<void()> on_first_;
  std::atomic<bool> claimed_{false};
  std::atomic<bool> occurred_{false};
  std::exception_ptr failure_;
};

}  // namespace qeval
