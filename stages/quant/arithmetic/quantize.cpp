#include "stages/quant/arithmetic/quantize.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <string>

#include "pipeline/base/errors.h"
#include "stages/quant/arithmetic/grids.h"
#include "stages/quant/arithmetic/isa_dispatch.h"

namespace qeval {
namespace {

/// Not a grid of codes, but values of half precision.
struct HalfPrecision {
  float limit;

  /// NaN stays NaN.
  [[gnu::always_inline]] inline float code(float x) const {
    x = x > limit ? limit : x;
    x = x < -limit ? -limit : x;
    const auto bits = std::bit_cast<std::uint32_t>(x);
    const std::uint32_t sign = bits & 0x80000000u, magnitude = bits ^ sign;
    const std::uint32_t rounded = (magnitude + 0xfffu + (magnitude >> 13 & 1u)) & ~0x1fffu;  // ten bits of fraction
    const float normal = rounded < 0x47800000u ? std::bit_cast<float>(rounded) : std::numeric_limits<float>::infinity();
    const float small = (std::bit_cast<float>(magnitude) + 0.5f) - 0.5f;  // below 2⁻¹⁴: multiples of 2⁻²⁴
    const auto result = std::bit_cast<std::uint32_t>(magnitude < 0x38800000u ? small : normal);
    return magnitude > 0x7f800000u ? x : std::bit_cast<float>(result | sign);
  }
  [[gnu::always_inline]] inline float real(float q) const { return q; }
};

template <class Grid>
[[gnu::always_inline]] inline void qdq_body(const float* in, float* out, std::size_t n, Grid grid) {
  for (std::size_t i = 0; i < n; ++i) out[i] = grid.real(grid.code(in[i]));
}

/// 2³² − 1 and 2³² − 2 are no floats, and the next one above is no code.
constexpr float largest_code = 4294967040.0f;

template <class Grid>
[[gnu::always_inline]] inline void whole_codes_body(const float* in, std::uint32_t* out, std::size_t n, Grid grid,
                                                    float levels) {
  for (std::size_t i = 0; i < n; ++i) out[i] = whole_code(grid.code(in[i]), levels);
}

// One overload of qdq, and but for half precision one of whole_codes, per mode's grid.
#define QEVAL_DEFINE_QDQ(Grid) \
  QEVAL_DEFINE_FOR_EACH_ISA(void, qdq, (const float* in, float* out, std::size_t n, Grid grid), (in, out, n, grid))
#define QEVAL_DEFINE_FOR_GRID(Grid)                                                                        \
  QEVAL_DEFINE_QDQ(Grid)                                                                                   \
  QEVAL_DEFINE_FOR_EACH_ISA(void, whole_codes,                                                             \
                            (const float* in, std::uint32_t* out, std::size_t n, Grid grid, float levels), \
                            (in, out, n, grid, levels))
QEVAL_DEFINE_FOR_GRID(Grid124<false>)
QEVAL_DEFINE_FOR_GRID(Grid124<true>)
QEVAL_DEFINE_FOR_GRID(GridOnnx2<false>)
QEVAL_DEFINE_FOR_GRID(GridOnnx2<true>)
QEVAL_DEFINE_FOR_GRID(GridTorch2<false>)
QEVAL_DEFINE_FOR_GRID(GridTorch2<true>)
QEVAL_DEFINE_QDQ(HalfPrecision)
#undef QEVAL_DEFINE_FOR_GRID
#undef QEVAL_DEFINE_QDQ

constexpr double gate_width = 1e-5;

[[noreturn]] void refuse(const Encoding& encoding) {
  throw InputError("the encoding [" + std::to_string(encoding.min) + ", " + std::to_string(encoding.max) +
                   "] with scale " + std::to_string(encoding.scale) +
                   " is no finite grid in single precision; compute the encodings again or correct the encodings file");
}

/// Scale and offset of the file are not looked at; a range symmetric to the last bit loses one step. After 1.24 the
/// ends are moved to the grid.
QdqParameters make_before_2(const Encoding& encoding, NumericsMode mode) {
  double min = std::min(encoding.min, 0.0);
  double max = std::max(std::max(encoding.max, 0.0), min + gate_width);
  if (!(std::max(-min, max) <= std::numeric_limits<float>::max())) refuse(encoding);
  const double steps = std::ldexp(1.0, encoding.bits) - (min == -max ? 2 : 1);
  const double scale = (max - min) / steps;
  const double offset = std::round(min / scale);
  if (mode != NumericsMode::aimet_1_24) {
    min = scale * offset;
    max = scale * (offset + steps);
  }
  return {mode,
          static_cast<float>(min),
          static_cast<float>(max),
          static_cast<float>(scale),
          static_cast<float>(offset),
          static_cast<float>(steps),
          false,
          false};
}

/// All four numbers are used as they are.
QdqParameters make_onnx_2(const Encoding& encoding) {
  const auto scale = static_cast<float>(encoding.scale);
  const auto offset = static_cast<float>(encoding.offset);
  const auto min = static_cast<float>(encoding.min), max = static_cast<float>(encoding.max);
  if (!(scale > 0) || !std::isfinite(scale + offset) || !std::isfinite(min) || !std::isfinite(max)) refuse(encoding);
  return {
      NumericsMode::aimet_onnx_2, min, max, scale, offset, static_cast<float>(highest_code(encoding)), false, false};
}

/// Scale and offset are used as they are: deriving them from min and max again would change last bits.
QdqParameters make_torch_2(const Encoding& encoding) {
  const auto levels = static_cast<float>(highest_code(encoding));
  const auto scale = static_cast<float>(encoding.scale);
  const auto offset = static_cast<float>(encoding.offset);
  if (!(scale > 0) || !std::isfinite(scale) || !std::isfinite(offset)) refuse(encoding);
  return {NumericsMode::aimet_torch_2, scale * offset, scale * (offset + levels), scale, offset, levels, false, false};
}

QdqParameters make_float16(NumericsMode mode) {
  constexpr float largest_half = 65504;
  const float limit = mode == NumericsMode::aimet_torch_2 ? largest_half : std::numeric_limits<float>::infinity();
  return {.mode = mode, .min = -limit, .max = limit, .levels = 0, .float16 = true};
}

}  // namespace

QdqParameters make_qdq(const Encoding& encoding, NumericsMode mode) {
  if (encoding.float16) return make_float16(mode);
  if (encoding.bits < 2 || encoding.bits > 32)
    throw InternalError("an encoding of " + std::to_string(encoding.bits) + " bits cannot be applied; 2 to 32 can");
  if (mode == NumericsMode::aimet_onnx_2) return make_onnx_2(encoding);
  return is_before_2(mode) ? make_before_2(encoding, mode) : make_torch_2(encoding);
}

bool loses_nan(const QdqParameters& parameters) {
  return !parameters.float16 && parameters.mode != NumericsMode::aimet_torch_2;
}

void quantize_dequantize(std::span<const float> in, std::span<float> out, const QdqParameters& parameters) {
  if (in.size() != out.size()) throw InternalError("quantize_dequantize: input and output differ in size");
  if (parameters.float16)
    qdq(in.data(), out.data(), in.size(), HalfPrecision{parameters.max});
  else
    with_grid(parameters, [&](const auto& grid) { qdq(in.data(), out.data(), in.size(), grid); });
}

void quantize_codes(std::span<const float> in, std::span<std::uint32_t> codes, const QdqParameters& parameters) {
  if (in.size() != codes.size()) throw InternalError("quantize_codes: input and output differ in size");
  if (parameters.float16) throw InternalError("quantize_codes: half precision has no codes");
  const float highest = std::min(parameters.levels, largest_code);
  with_grid(parameters, [&](const auto& grid) { whole_codes(in.data(), codes.data(), in.size(), grid, highest); });
}

void quantize_dequantize_slices(std::span<float> values, const TensorSlices& slices, const EncodingList& encodings,
                                NumericsMode mode) {
  if (values.size() != slices.elements() || encodings.size() != slices.count())
    throw InternalError("quantize_dequantize_slices: " + std::to_string(slices.count()) + " slices of " +
                        std::to_string(slices.elements()) + " values, got " + std::to_string(encodings.size()) +
                        " encodings and " + std::to_string(values.size()) + " values");
  std::vector<QdqParameters> parameters;
  for (const Encoding& encoding : encodings) {
    parameters.push_back(make_qdq(encoding, mode));
    parameters.back().divides = slices.in_blocks();
  }
  slices.for_each_run([&](std::size_t slice, std::size_t first, std::size_t length) {
    const auto run = values.subspan(first, length);
    quantize_dequantize(run, run, parameters[slice]);
  });
}

}  // namespace qeval
