#pragma once
/// Batch-norm folding, AIMET 1.24 (torch/batch_norm_fold.py, DlEqualization BatchNormFoldForPython.cpp).
/// Backward (conv → BN): W' = W·γ/σ per output channel, b' = β − (μ − b)·γ/σ, 1/σ as a float reciprocal.
#include <string>
#include <vector>

#include "stages/model/graph.h"

namespace qeval {

struct FoldedPair {
  std::string conv, batch_norm;
};

/// The conv or linear that feeds `batch_norm` alone, or −1. `users` is consumers(graph).
int foldable_producer(const Graph& graph, const std::vector<std::vector<int>>& users, int batch_norm);

/// Folds every batch norm whose single producer is a conv or linear with no other consumer; the BN node disappears.
/// Returns what was folded; batch norms that could not be folded stay and are named in `left`.
std::vector<FoldedPair> fold_batch_norm(Graph& graph, std::vector<std::string>* left = nullptr);

}  // namespace qeval
