#pragma once
/// Progress of work that goes through a network layer by layer, as lines on stderr: now and then, and at the end. The time
/// left counts layers as equals.
/// Thread-safety: one thread.
#include <chrono>
#include <cstddef>
#include <string>

#include "tools/qeval/progress.h"

namespace qeval {

class LayerProgress {
 public:
  /// `done` of `total` layers were done before.
  LayerProgress(ProgressMode mode, std::string label, std::size_t done, std::size_t total);
  void done(const std::string& layer);

 private:
  bool quiet_;
  std::string label_;
  std::size_t before_, done_, total_;
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now(), last_line_ = began_;
};

}  // namespace qeval
