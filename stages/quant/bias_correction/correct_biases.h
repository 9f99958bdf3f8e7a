#pragma once
/// Analytic bias correction (Nagel et al. 2019, §4.2; AIMET up to 1.34): rounding a layer's weights moves the mean of
/// its output; the bias takes that back, without data:
///   b −= Σ over inputs and taps of (W_q − W)·E[x]
/// E[x] per input channel comes from the batch norms before the layer (expected_values.h). Unlike AIMET, γ counts by
/// its absolute value, and means pass sums, averages and moved channels. Runs after folding, equalization and
/// placement. Thread-safety: free functions.
#include <span>
#include <string>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/arithmetic/encoding.h"
#include "stages/quant/arithmetic/numerics_mode.h"
#include "stages/quant/fold_batch_norm.h"
#include "stages/quant/pass_report.h"

namespace qeval {

/// The corrected bias of a conv or linear. `quantized`: its weight's elements, quantized and dequantized; `expected`:
/// E[x], one per input channel (conv) or input feature (linear).
Tensor corrected_bias(const Node& layer, std::span<const float> quantized, std::span<const double> expected);

struct BiasCorrection {
  std::vector<std::string> corrected;  ///< names of nodes
  std::vector<LeftAlone> left;         ///< the other layers with weights

  /// Which layers were corrected, and which not and why: a line, and one per reason.
  std::vector<std::string> remarks() const;
};

/// Corrects every layer whose weight is quantized and whose input's mean is known. `folded`: as for expected_values;
/// `encodings`: one list per quantizer, those of weights as the run will apply them (but for scales that 2.x raises
/// once activations are calibrated, overflow_protection.h: that looks at the biases). What was done becomes part of
/// Graph::passes.
BiasCorrection correct_biases(Graph& graph, const std::vector<FoldedPair>& folded, const EncodingTable& encodings,
                              NumericsMode mode);

}  // namespace qeval
