#pragma once
/// An estimate of the values that arrive at a node: what random weights are fitted to.
/// Deterministic: the same bits on every machine (no libm beyond the square root).
#include <span>
#include <vector>

#include "stages/model/graph.h"

namespace qeval {

/// Per feature channel, over images and positions, whatever axis the channels are on.
struct SignalStatistics {
  std::vector<double> mean, variance;
};

/// Behind a node without parameters. `inputs`: one per input of the node.
SignalStatistics statistics_behind(const Node& node, std::span<const SignalStatistics* const> inputs);

/// For a value that is used as `count` features: each channel stands for count / channels of them, in order.
SignalStatistics repeated_to(const SignalStatistics& in, std::size_t count);

}  // namespace qeval
