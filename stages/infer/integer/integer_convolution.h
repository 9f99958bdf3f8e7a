#pragma once
/// A convolution or linear layer on codes. Depthwise layers have kernels of their own. Thread-safety: as IntegerStep.
#include "stages/infer/integer/integer_layer.h"
#include "stages/infer/kernels/dot_kernel.h"

namespace qeval {

/// Takes the fastest kernel up to `limit`; sums and codes are the same with all of them.
std::unique_ptr<IntegerStep> make_integer_layer(IntegerLayer layer, DotIsa limit);

}  // namespace qeval
