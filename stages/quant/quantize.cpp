#include "stages/quant/quantize.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "pipeline/errors.h"
#include "stages/quant/isa_dispatch.h"
#include "stages/quant/rounding.h"

namespace qeval {
namespace {

// The arithmetic of each mode for one value: code() may leave 0 … levels by rounding noise, real() is its value.

struct Grid124 {
  float min, max, scale, offset;

  /// NaN becomes max, as fmax(fmin(x, max), min) makes it.
  [[gnu::always_inline]] inline float code(float x) const {
    float y = x < max ? x : max;
    y = y > min ? y : min;
    return round_half_away(y / scale - offset);
  }
  [[gnu::always_inline]] inline float real(float q) const { return scale * (q + offset); }
};

struct GridOnnx2 {
  Grid124 grid;

  /// NaN becomes min.
  [[gnu::always_inline]] inline float code(float x) const {
    float y = x > grid.min ? x : grid.min;
    y = y < grid.max ? y : grid.max;
    return round_half_away(y / grid.scale - grid.offset);
  }
  [[gnu::always_inline]] inline float real(float q) const { return grid.real(q); }
};

struct GridTorch2 {
  float scale, offset, levels;

  /// NaN stays NaN, as torch.clamp leaves it.
  [[gnu::always_inline]] inline float code(float x) const {
    float q = std::rint(x * (1.0f / scale)) - offset;
    q = q < 0.0f ? 0.0f : q;
    return q > levels ? levels : q;
  }
  [[gnu::always_inline]] inline float real(float q) const { return (q + offset) * scale; }
};

template <class Grid>
[[gnu::always_inline]] inline void qdq_body(const float* in, float* out, std::size_t n, Grid grid) {
  for (std::size_t i = 0; i < n; ++i) out[i] = grid.real(grid.code(in[i]));
}

/// NaN and rounding noise outside the codes end at the nearest code, 0 for NaN.
[[gnu::always_inline]] inline std::int32_t whole_code(float q, float levels) {
  q = q > 0.0f ? q : 0.0f;
  return static_cast<std::int32_t>(q < levels ? q : levels);
}

template <class Grid>
[[gnu::always_inline]] inline void whole_codes_body(const float* in, std::int32_t* out, std::size_t n, Grid grid,
                                                    float levels) {
  for (std::size_t i = 0; i < n; ++i) out[i] = whole_code(grid.code(in[i]), levels);
}

// One overload of qdq and of whole_codes per mode's grid.
#define QEVAL_DEFINE_FOR_GRID(Grid)                                                                                 \
  QEVAL_DEFINE_FOR_EACH_ISA(void, qdq, (const float* in, float* out, std::size_t n, Grid grid), (in, out, n, grid)) \
  QEVAL_DEFINE_FOR_EACH_ISA(void, whole_codes,                                                                       \
                            (const float* in, std::int32_t* out, std::size_t n, Grid grid, float levels),           \
                            (in, out, n, grid, levels))
QEVAL_DEFINE_FOR_GRID(Grid124)
QEVAL_DEFINE_FOR_GRID(GridOnnx2)
QEVAL_DEFINE_FOR_GRID(GridTorch2)
#undef QEVAL_DEFINE_FOR_GRID

/// Calls `use` with the grid of the parameters' mode.
template <class Use>
void with_grid(const QdqParameters& p, const Use& use) {
  const Grid124 grid{p.min, p.max, p.scale, p.offset};
  if (is_before_2(p.mode))
    use(grid);
  else if (p.mode == NumericsMode::aimet_onnx_2)
    use(GridOnnx2{grid});
  else
    use(GridTorch2{p.scale, p.offset, p.levels});
}

constexpr double gate_width = 1e-5;

[[noreturn]] void refuse(const Encoding& encoding) {
  throw InputError("the encoding [" + std::to_string(encoding.min) + ", " + std::to_string(encoding.max) +
                   "] with scale " + std::to_string(encoding.scale) +
                   " is no finite grid in single precision; compute the encodings again or correct the encodings file");
}

/// Scale and offset of the file are not looked at; a range symmetric to the last bit loses one step. After 1.24 the ends
/// are moved to the grid.
QdqParameters make_before_2(const Encoding& encoding, NumericsMode mode) {
  double min = std::min(encoding.min, 0.0);
  double max = std::max(std::max(encoding.max, 0.0), min + gate_width);
  if (!(std::max(-min, max) <= std::numeric_limits<float>::max())) refuse(encoding);
  const double steps = (1 << encoding.bits) - (min == -max ? 2 : 1);
  const double scale = (max - min) / steps;
  const double offset = std::round(min / scale);
  if (mode != NumericsMode::aimet_1_24) {
    min = scale * offset;
    max = scale * (offset + steps);
  }
  return {mode, static_cast<float>(min), static_cast<float>(max), static_cast<float>(scale), static_cast<float>(offset),
          static_cast<float>(steps)};
}

/// All four numbers are used as they are.
QdqParameters make_onnx_2(const Encoding& encoding) {
  const auto scale = static_cast<float>(encoding.scale);
  const auto offset = static_cast<float>(encoding.offset);
  const auto min = static_cast<float>(encoding.min), max = static_cast<float>(encoding.max);
  if (!(scale > 0) || !std::isfinite(scale + offset) || !std::isfinite(min) || !std::isfinite(max)) refuse(encoding);
  return {NumericsMode::aimet_onnx_2, min, max, scale, offset,
          static_cast<float>(highest_code(encoding))};
}

/// Scale and offset are used as they are: deriving them from min and max again would change last bits.
QdqParameters make_torch_2(const Encoding& encoding) {
  const auto levels = static_cast<float>(highest_code(encoding));
  const auto scale = static_cast<float>(encoding.scale);
  const auto offset = static_cast<float>(encoding.offset);
  if (!(scale > 0) || !std::isfinite(scale) || !std::isfinite(offset)) refuse(encoding);
  return {NumericsMode::aimet_torch_2, scale * offset, scale * (offset + levels), scale, offset, levels};
}

}  // namespace

QdqParameters make_qdq(const Encoding& encoding, NumericsMode mode) {
  if (encoding.bits < 2 || encoding.bits > 16)
    throw InternalError("an encoding of " + std::to_string(encoding.bits) + " bits cannot be applied; 2 to 16 can");
  if (mode == NumericsMode::aimet_onnx_2) return make_onnx_2(encoding);
  return is_before_2(mode) ? make_before_2(encoding, mode) : make_torch_2(encoding);
}

void quantize_dequantize(std::span<const float> in, std::span<float> out, const QdqParameters& parameters) {
  if (in.size() != out.size()) throw InternalError("quantize_dequantize: input and output differ in size");
  with_grid(parameters, [&](const auto& grid) { qdq(in.data(), out.data(), in.size(), grid); });
}

void quantize_codes(std::span<const float> in, std::span<std::int32_t> codes, const QdqParameters& parameters) {
  if (in.size() != codes.size()) throw InternalError("quantize_codes: input and output differ in size");
  with_grid(parameters,
            [&](const auto& grid) { whole_codes(in.data(), codes.data(), in.size(), grid, parameters.levels); });
}

void quantize_dequantize_channels(std::span<float> values, const EncodingList& encodings, NumericsMode mode) {
  if (encodings.empty() || values.size() % encodings.size() != 0)
    throw InternalError("quantize_dequantize_channels: " + std::to_string(values.size()) + " values do not split into " +
                        std::to_string(encodings.size()) + " channels");
  const std::size_t size = values.size() / encodings.size();
  for (std::size_t c = 0; c < encodings.size(); ++c) {
    const auto channel = values.subspan(c * size, size);
    quantize_dequantize(channel, channel, make_qdq(encodings[c], mode));
  }
}

}  // namespace qeval
