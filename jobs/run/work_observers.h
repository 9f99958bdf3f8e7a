#pragma once
/// What is told while images go through the graph, or work through a network's layers.
/// Thread-safety: one thread at a time, but for stage_busy (see RunObserver).
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/run_observer.h"

namespace qeval {

/// Images that are about to go through the graph.
struct ImageWork {
  std::string label;               ///< what runs, e.g. the variant
  std::int64_t total = 0;          ///< images of the whole work
  std::int64_t already_done = 0;   ///< by earlier attempts
  std::vector<MeteredNode> nodes;  ///< in the graph's order: item nodes, batch node, sink
  /// Top-1 and top-5 so far as fractions of 1; asked when a line is written. May be empty or answer nothing.
  std::function<std::optional<std::pair<double, double>>()> accuracy;
};

class ImageObserver : public RunObserver {
 public:
  /// The work ended, or was stopped.
  virtual void finish() = 0;
};

class LayerObserver {
 public:
  virtual ~LayerObserver() = default;
  /// `share` of a layer, 0 … 1, is done.
  virtual void within(const std::string& layer, double share) = 0;
  virtual void done(const std::string& layer) = 0;
};

}  // namespace qeval
