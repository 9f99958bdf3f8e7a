#pragma once
/// Average pools in two halves, of windows of every kind. Thread-safety: free functions.
#include <ATen/core/Tensor.h>

#include "stages/model/graph.h"

namespace qeval {

/// Over each window of [N, C, H, W].
at::Tensor window_sums(const at::Tensor& x, const Window& window);

/// How many values each window's sum is divided by, [1, 1, h, w].
at::Tensor window_counts(const at::Tensor& x, const Window& window);

}  // namespace qeval
