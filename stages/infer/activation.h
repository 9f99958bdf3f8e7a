#pragma once
/// ReLU and ReLU6 on memory that is the caller's own.
#include <ATen/core/Tensor.h>

#include "stages/model/graph.h"

namespace qeval {

/// `op`: relu, relu6, or anything else for no change.
at::Tensor activate_in_place(at::Tensor x, Op op);

}  // namespace qeval
