#pragma once
/// Batch-norm folding as AIMET 1.24 (torch/batch_norm_fold.py, DlEqualization BatchNormFoldForPython.cpp) and
/// aimet_torch 2.42 (common/batch_norm_fold.py) do it, all in f32.
/// Backward (conv → BN): W' = W·s per output channel, b' = β − (μ − b)·s, with σ = √(variance + ε)
/// as mkl_sqrt rounds it (aimet-onnx-2: correctly) and s = γ·(1/σ) before 2.x, s = γ/σ from then on: last bits decide
/// between encodings that are equally good.
#include <string>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/arithmetic/numerics_mode.h"

namespace qeval {

struct FoldedPair {
  std::string conv, batch_norm;
  Tensor gamma, beta;  ///< the norm's: its output has mean β and standard deviation |γ| per channel
};

/// The pair whose batch norm went into the layer of this name, or null. `Pairs`: FoldedPairs, const or not.
template <class Pairs>
auto folded_into(Pairs& pairs, const std::string& layer) -> decltype(pairs.data()) {
  for (auto& pair : pairs)
    if (pair.conv == layer) return &pair;
  return nullptr;
}

/// For every node: where it is a batch norm that folds, the conv or linear that it folds into, else −1. That layer
/// feeds the norm alone, and its outputs are the norm's channels: they are axis 1 behind a conv, but the last axis
/// behind a linear, which is the same axis only of rows.
std::vector<int> foldable_producers(const Graph& graph);

/// Folds every batch norm that foldable_producers finds; the BN node disappears. Since 2.x the others become a factor
/// and a summand: their statistics go into weight and bias, whose encodings follow from that.
/// The mode becomes part of Graph::passes.
/// Returns what was folded; batch norms that could not be folded stay and are named in `left`.
std::vector<FoldedPair> fold_batch_norm(Graph& graph, NumericsMode mode, std::vector<std::string>* left = nullptr);

}  // namespace qeval
