#pragma once
/// DlQuantization's grid of least width over a range, in double (quantization_utils.cpp). Every scheme that chooses a
/// range rather than a grid ends here. Thread-safety: free functions.
#include "stages/quant/analyzers/observer.h"

namespace qeval {

/// `min` ≤ 0 ≤ `max`, not equal. Up to 2024; percentile, mse and entropy included.
Encoding min_max_grid(double min, double max, const QuantizerSettings& settings);

/// The grid for data that were all zero: a range of two around zero. `steps`: 2^bits − 1 for tf_enhanced, whose strict
/// grids are not treated specially; grid_steps for the other histogram schemes.
Encoding grid_for_zeros(int steps);

}  // namespace qeval
