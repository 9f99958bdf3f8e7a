#pragma once
/// Convolution with the add and activation that follow it.
#include <memory>

#include "stages/infer/operation.h"

namespace qeval {

/// Operands: x, then the summand if `fusion.added` is set.
std::unique_ptr<Operation> make_convolution(const Node& node, const NodeFusion& fusion, Parameters parameters,
                                            at::MemoryFormat order);

}  // namespace qeval
