#pragma once
/// AIMET 2.42 raises the scales of weights, once activations are calibrated, so that an accelerator's 32-bit sums hold:
/// biases in steps of input scale · weight scale, the factor input scale · weight scale / output scale (above 2^−24),
/// and biases with the output's zero point. Sources: aimet_torch 2.42 nn/true_quant.py,
/// _compute_encodings_with_overflow_protection; aimet_onnx 2.42 quantsim.py, _adjust_weight_scales_against_overflow;
/// both with common/quantsim.py.
///
/// Weights in several blocks per channel and in half precision are left alone, and all before 2.x. In aimet-torch-2
/// only layers with an output quantizer are touched, and there the range is set anew even where no scale grows: scales
/// may move by a last bit. Thread-safety: a free function.
#include "stages/model/graph.h"
#include "stages/quant/arithmetic/encoding.h"
#include "stages/quant/arithmetic/numerics_mode.h"

namespace qeval {

/// Changes the encodings of weights in `table`, which holds those of the activations.
void protect_from_overflow(const Graph& graph, NumericsMode mode, EncodingTable& table);

}  // namespace qeval
