#pragma once
/// Norms computed as stages/quant/arithmetic/exact_norm.h says. Thread-safety: as Operation.
#include "stages/infer/operation.h"
#include "stages/quant/arithmetic/exact_norm.h"

namespace qeval {

std::unique_ptr<Operation> make_exact_batch_norm(const ExactNorm& norm, const at::Device& device);

/// Over `axis`, which counts the batch.
std::unique_ptr<Operation> make_exact_layer_norm(const ExactLayerNorm& norm, int axis, const at::Device& device);

}  // namespace qeval
