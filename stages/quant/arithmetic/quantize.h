#pragma once
/// Quantize-dequantize (fake-quantize) on the CPU, with each mode's exact arithmetic.
///
/// aimet-1.24 (TensorQuantizationSim.cpp, trim_functions.cpp): driven by min and max alone; y = clamp(x, min, max);
/// q = round_half_away(y/δ − offset); out = δ·(q + offset). aimet-1.31, aimet-2024: min and max moved to the grid
/// first. aimet-onnx-2: as 1.24 with the encoding's own min, max, scale and offset. aimet-torch-2: driven by scale and
/// offset; q = clamp(round_half_even(x·(1/scale)) − offset, 0, n), with the reciprocal rounded to f32, as in
/// torch.fake_quantize_per_tensor_affine and _per_channel_affine, which aimet_torch 2.42 calls when no gradient is
/// wanted; out = (q + offset)·scale. Per block it divides by the scale itself. Data type float 16 in all modes: to half
/// precision and back, ties to even. aimet-torch-2 clips to ±65504 first, as its FloatQuantizeDequantize does;
/// elsewhere larger values become infinite, as a plain cast makes them. NaN becomes max up to aimet-2024 and min in
/// aimet-onnx-2; of all values NaN alone is an invalid operation there, which the processor notes (FE_INVALID). In
/// aimet-torch-2 it stays NaN (its integer code is 0) and infinities go to the ends of the grid: there torch converts
/// to an integer out of range, and what it returns differs between its kernels. Compiled without FP contraction.
/// Thread-safety: free functions.
#include <cstdint>
#include <span>

#include "stages/quant/arithmetic/encoding.h"
#include "stages/quant/arithmetic/numerics_mode.h"
#include "stages/quant/arithmetic/tensor_slices.h"

namespace qeval {

/// An encoding prepared for the inner loop; all values f32 as the mode computes them. Errors of make_qdq: InputError
/// for encodings that are no finite grid, InternalError for bit widths outside 2 … 32.
struct QdqParameters {
  NumericsMode mode = NumericsMode::aimet_1_24;
  float min = 0, max = 0, scale = 1, offset = 0;
  float levels = 255;    ///< highest code
  bool divides = false;  ///< aimet-torch-2: x / scale
  bool float16 = false;  ///< no grid; min and max are what values are clipped to
};

QdqParameters make_qdq(const Encoding& encoding, NumericsMode mode);

/// quantize_dequantize makes a number of a NaN.
bool loses_nan(const QdqParameters& parameters);

/// out[i] = dequantize(quantize(in[i])); in and out may be the same memory.
void quantize_dequantize(std::span<const float> in, std::span<float> out, const QdqParameters& parameters);

/// Integer codes 0 … levels; above 24 bits the arithmetic, single precision as everywhere, does not reach each of them.
/// InternalError for float16.
void quantize_codes(std::span<const float> in, std::span<std::uint32_t> codes, const QdqParameters& parameters);

/// In place, every slice with its own encoding.
void quantize_dequantize_slices(std::span<float> values, const TensorSlices& slices, const EncodingList& encodings,
                                NumericsMode mode);

}  // namespace qeval
