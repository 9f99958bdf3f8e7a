#pragma once
/// Convolutions, linear layers and means computed as stages/quant/arithmetic/exact_sums.h says. Thread-safety: as
/// Operation.
#include "stages/infer/operation.h"
#include "stages/quant/arithmetic/exact_sums.h"

namespace qeval {

/// `whole`: makes Σ i·j from whole numbers i, in double if sums are wide; `bias` may be undefined. Operands: x, then
/// the summand if `fusion.added` is set.
std::unique_ptr<Operation> make_exact_sum(std::unique_ptr<Operation> whole, const ExactSums& sums, const Node& node,
                                          const NodeFusion& fusion, const at::Device& device, at::Tensor bias);

std::unique_ptr<Operation> make_exact_mean(const Node& node, const ExactSums& sums);

}  // namespace qeval
