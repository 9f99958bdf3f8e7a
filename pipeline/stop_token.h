#pragma once
/// A request to stop admitting work. Safe to set from a signal handler and to read from any thread.
#include <atomic>

namespace qeval {

class StopToken {
 public:
  void request(int reason) noexcept { reason_.store(reason, std::memory_order_release); }
  bool requested() const noexcept { return reason_.load(std::memory_order_acquire) != 0; }
  /// What asked: a signal number, or any other non-zero value of the caller's. 0 = nothing did.
  int reason() const noexcept { return reason_.load(std::memory_order_acquire); }

 private:
  std::atomic<int> reason_{0};
  static_assert(std::atomic<int>::is_always_lock_free, "set from a signal handler");
};

}  // namespace qeval
