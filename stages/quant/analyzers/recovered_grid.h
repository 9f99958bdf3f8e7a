#pragma once
/// The grid that the values of a parameter already lie on, as quantization-aware training and AdaRound leave them: then
/// aimet_torch 2.42 takes that grid rather than one from the range, whatever the scheme.
/// Source: aimet_torch 2.42 utils.py, _decompose_prequantized_tensor, and nn/base.py, _compute_param_encodings: per
/// slice the coarsest step, absmax / k, that all values are multiples of within the rounding of the format they were
/// stored in (bfloat16, half or single precision); then the median and a few least-squares steps.
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "stages/quant/analyzers/observer.h"

namespace qeval {

/// One scale per slice; `by_slice`: every slice's elements, one slice after the other. Nothing if the grid is not
/// signed and symmetric, or fewer than nine in ten slices lie on one. Thread-safety: a free function.
std::optional<std::vector<float>> recovered_scales(std::span<const float> by_slice, std::size_t slices,
                                                   const QuantizerSettings& settings);

}  // namespace qeval
