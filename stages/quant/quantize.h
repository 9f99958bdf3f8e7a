#pragma once
/// Quantize-dequantize (fake-quantize) on the CPU, with each mode's exact arithmetic.
///
/// aimet-1.24 (TensorQuantizationSim.cpp, trim_functions.cpp): driven by min and max alone; y = clamp(x, min, max);
/// q = round_half_away(y/δ − offset); out = δ·(q + offset). aimet-1.31, aimet-2024: min and max moved to the grid first.
/// aimet-onnx-2: as 1.24 with the encoding's own min, max, scale and offset.
/// aimet-torch-2: driven by scale and offset; q = clamp(round_half_even(x·(1/scale)) − offset, 0, n), with the reciprocal
/// rounded to f32, as in torch.fake_quantize_per_tensor_affine and _per_channel_affine, which aimet_torch 2.42 calls
/// when no gradient is wanted; out = (q + offset)·scale.
/// NaN becomes max up to aimet-2024 and min in aimet-onnx-2. In aimet-torch-2 it stays NaN (its integer code is 0) and infinities go to the ends of
/// the grid: there torch converts to an integer out of range, and what it returns differs between its kernels.
/// Compiled without FP contraction. Thread-safety: free functions.
#include <cstdint>
#include <span>

#include "stages/quant/encoding.h"
#include "stages/quant/numerics_mode.h"

namespace qeval {

/// An encoding prepared for the inner loop; all values f32 as the mode computes them. Errors of make_qdq: InputError for
/// encodings that are no finite grid, InternalError for bit widths outside 2 … 16.
struct QdqParameters {
  NumericsMode mode = NumericsMode::aimet_1_24;
  float min = 0, max = 0, scale = 1, offset = 0;
  float levels = 255;  ///< highest code
};

QdqParameters make_qdq(const Encoding& encoding, NumericsMode mode);

/// out[i] = dequantize(quantize(in[i])); in and out may be the same memory.
void quantize_dequantize(std::span<const float> in, std::span<float> out, const QdqParameters& parameters);

/// Integer codes 0 … levels.
void quantize_codes(std::span<const float> in, std::span<std::int32_t> codes, const QdqParameters& parameters);

/// Per channel along axis 0: `values` is [channels, values.size() / channels].
void quantize_dequantize_channels(std::span<float> values, const EncodingList& encodings, NumericsMode mode);

}  // namespace qeval
