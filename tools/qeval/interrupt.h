#pragma once
/// SIGINT and SIGTERM: the first one asks the graph to drain and commit, the second leaves at once.
/// Thread-safety: one InterruptGuard alive at a time.
#include "pipeline/stop_token.h"

namespace qeval {

class InterruptGuard {
 public:
  /// Installs handlers that set `token` to the signal number; restored on destruction.
  explicit InterruptGuard(StopToken& token);
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

}  // namespace qeval
