#pragma once
/// The grid of least width over a range as aimet-onnx 2.42's compiled quantizer makes it, in double. Source: its
/// results. Symmetric: δ = max(max/⌊n/2⌋, −min/⌈n/2⌉); 2-bit grids divide max by one more, so that no code is wasted.
#include "stages/quant/analyzers/observer.h"

namespace qeval {

Encoding min_max_grid_onnx_2(double min, double max, const QuantizerSettings& settings);

}  // namespace qeval
