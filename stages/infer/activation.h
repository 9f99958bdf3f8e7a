#pragma once
/// Functions of one value, element by element, as ATen computes them.
#include <ATen/core/Tensor.h>

#include "stages/model/graph.h"

namespace qeval {

bool is_activation(Op op);

/// On memory that is the caller's own. `op`: an activation, or anything else for no change.
at::Tensor activate_in_place(at::Tensor x, Op op);

/// Leaves `x` alone. `op` must be an activation.
at::Tensor activate(const at::Tensor& x, Op op);

}  // namespace qeval
