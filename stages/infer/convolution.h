#pragma once
/// Convolution with the add and activation that follow it, weights laid out for the kernel once.
#include <memory>

#include "stages/infer/operation.h"

namespace qeval {

/// Operands: x, then the summand if `fusion.added` is set.
std::unique_ptr<Operation> make_convolution(const Node& node, const NodeFusion& fusion, Parameters parameters);

}  // namespace qeval
