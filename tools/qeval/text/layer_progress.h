#pragma once
/// Progress of work that goes through a network layer by layer, as lines on stderr: now and then, and at the end.
/// Thread-safety: one thread.
#include <chrono>
#include <string>

#include "tools/qeval/text/progress.h"

namespace qeval {

class LayerProgress : public LayerObserver {
 public:
  /// `done` of `total` layers were done before.
  LayerProgress(ProgressMode mode, std::string label, std::size_t done, std::size_t total);
  void within(const std::string& layer, double share) override;
  void done(const std::string& layer) override;

 private:
  void write_if_due();

  bool quiet_;
  LayerFigures figures_;
  std::chrono::seconds between_lines_{
      5};  ///< doubles from line to line: short work soon says something, long work not much
  std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now(), last_line_ = began_;
};

}  // namespace qeval
