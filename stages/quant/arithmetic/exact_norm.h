#pragma once
/// Batch and layer norms with the same bits on every processor: every operation is one of double precision, which all
/// round alike, in an order that is written down, and the result is rounded to f32 once. Thread-safety: free functions
/// and plain values. Errors: as make_qdq.
#include <optional>
#include <vector>

#include "stages/model/graph.h"
#include "stages/quant/arithmetic/encoding.h"
#include "stages/quant/arithmetic/numerics_mode.h"

namespace qeval {

/// Batch norm with constant statistics, of every channel: x · factor + summand.
struct ExactNorm {
  std::vector<double> factor, summand;
  float operator()(std::size_t channel, float x) const {
    return static_cast<float>(static_cast<double>(x) * factor[channel] + summand[channel]);
  }
};

/// `weight`, `bias`: γ and β, quantized where they are; either may be undefined.
ExactNorm exact_norm(const Tensor& weight, const Tensor& bias, const Node& norm);

/// Layer norm of n values x = s · i with whole i, whose sums Σ i and Σ i² double holds exactly in any order:
/// mean = Σ i / n, variance = (n · Σ i² − (Σ i)²) / n², unit = s / √(variance · s² + ε),
/// result = ((i − mean) · unit) · γ + β.
struct ExactLayerNorm {
  int input_quantizer = -1;
  double scale = 1, epsilon = 0;    ///< s, ε
  std::vector<double> gamma, beta;  ///< one per value
};

/// Absent for any other operator, and where the input is on no grid (grid_of_whole_input) or the sums may be rounded.
std::optional<ExactLayerNorm> exact_layer_norm(const Graph& graph, const Node& node, const EncodingTable& encodings,
                                               NumericsMode mode);

}  // namespace qeval
