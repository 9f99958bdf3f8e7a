#pragma once
/// What the numbers are that a network ends in. Thread-safety: free function.
#include <string>

#include "stages/metrics/top_k.h"
#include "stages/model/graph.h"

namespace qeval {

struct NetworkScores {
  ScoreKind kind = ScoreKind::logits;
  std::string node;  ///< the one that makes probabilities; empty for logits
  std::string op;    ///< its operator

  /// For whoever reads the settings; empty for logits.
  std::string remark() const;
};

/// Probabilities are what a Softmax over all classes or a Sigmoid makes, whatever only moves them or puts them on a
/// grid afterwards.
NetworkScores network_scores(const Graph& graph);

}  // namespace qeval
