#pragma once
/// What each channel of a network's values is on average, as far as its batch norms say so: without data.
/// A batch norm, folded or not, leaves its channels normally distributed with mean β and standard deviation |γ|. That
/// passes what only moves channels or repeats values; a clipping activation (ReLU, ReLU6, Clip) leaves the mean of a
/// clipped normal distribution. Sums and averages keep the mean alone, so no activation can follow them.
/// Zero padding counts as if it were not there, as in the literature.
/// Thread-safety: free function.
#include <string>
#include <vector>

#include "stages/model/graph.h"
#include "stages/model/signal_statistics.h"
#include "stages/quant/fold_batch_norm.h"

namespace qeval {

struct ExpectedValues {
  SignalStatistics channels;  ///< the variance has a meaning only for a normal distribution
  bool normal = false;
  std::string unknown;  ///< if not empty, nothing is known behind this: "max_pool"
};

/// Behind every node. `folded`: what fold_batch_norm returned for the graph, or equalize after it.
std::vector<ExpectedValues> expected_values(const Graph& graph, const std::vector<FoldedPair>& folded);

}  // namespace qeval
