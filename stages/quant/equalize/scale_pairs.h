#pragma once
/// Cross-layer scaling (Nagel et al. 2019, "Data-free quantization through weight equalization and bias correction",
/// §4.1) in aimet_torch 2.42's order of f32 operations.
/// With r1, r2, r3 the largest |weight| of a channel on its way through the set's convolutions:
///   pair    s  = r1 / (r1·r2)^½                          W1 /= s,  b1 /= s,  W2 *= s
///   triple  s₁ = r1 / (r1·r2·r3)^⅓, s₂ = (r1·r2·r3)^⅓ / r3   W1 /= s₁, b1 /= s₁, W2 *= s₁/s₂, b2 /= s₂, W3 *= s₂
/// A channel for which that is zero or not finite (no weights in one of the layers) keeps its scale.
/// With nothing but ReLU between them the network computes the same function as before.
#include <vector>

#include "stages/quant/equalize/find_pairs.h"

namespace qeval {

/// Scales the set's weights and biases. Returns, per convolution but the last, what each output channel was divided by.
std::vector<std::vector<float>> scale_pairs(Graph& graph, const ScalingSet& set);

}  // namespace qeval
