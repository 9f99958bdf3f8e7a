#pragma once
/// The arithmetic of each mode's grid for one value, to be compiled into loops: code() may leave 0 … levels by rounding
/// noise, real() is a code's value. The formulas' sources are in quantize.h. Thread-safety: plain values.
#include <cmath>
#include <cstdint>

#include "stages/quant/arithmetic/quantize.h"
#include "stages/quant/arithmetic/rounding.h"

namespace qeval {

constexpr float wide_levels = 4194304;  ///< round_half_away reaches 2²³, and codes may leave their grid a little

template <bool wide>
[[gnu::always_inline]] inline float rounded(float q) {
  return wide ? std::round(q) : round_half_away(q);
}

template <bool wide>
struct Grid124 {
  float min, max, scale, offset;

  /// NaN becomes max, as fmax(fmin(x, max), min) makes it.
  [[gnu::always_inline]] inline float code(float x) const {
    float y = x < max ? x : max;
    y = y > min ? y : min;
    return rounded<wide>(y / scale - offset);
  }
  [[gnu::always_inline]] inline float real(float q) const { return scale * (q + offset); }
};

template <bool wide>
struct GridOnnx2 {
  Grid124<wide> grid;

  /// NaN becomes min.
  [[gnu::always_inline]] inline float code(float x) const {
    float y = x > grid.min ? x : grid.min;
    y = y < grid.max ? y : grid.max;
    return rounded<wide>(y / grid.scale - grid.offset);
  }
  [[gnu::always_inline]] inline float real(float q) const { return grid.real(q); }
};

template <bool divides>
struct GridTorch2 {
  float scale, offset, levels;

  /// NaN stays NaN, as torch.clamp leaves it.
  [[gnu::always_inline]] inline float code(float x) const {
    float q = std::rint(divides ? x / scale : x * (1.0f / scale)) - offset;
    q = q < 0.0f ? 0.0f : q;
    return q > levels ? levels : q;
  }
  [[gnu::always_inline]] inline float real(float q) const { return (q + offset) * scale; }
};

/// NaN and rounding noise outside the codes end at the nearest code, 0 for NaN.
[[gnu::always_inline]] inline std::uint32_t whole_code(float q, float levels) {
  q = q > 0.0f ? q : 0.0f;
  return static_cast<std::uint32_t>(q < levels ? q : levels);
}

template <bool wide, class Use>
void with_clamped_grid(const QdqParameters& p, const Use& use) {
  const Grid124<wide> grid{p.min, p.max, p.scale, p.offset};
  if (is_before_2(p.mode))
    use(grid);
  else
    use(GridOnnx2<wide>{grid});
}

/// Calls `use` with the grid of the parameters' mode; there must be one.
template <class Use>
void with_grid(const QdqParameters& p, const Use& use) {
  if (p.mode != NumericsMode::aimet_torch_2 && p.levels < wide_levels)
    with_clamped_grid<false>(p, use);
  else if (p.mode != NumericsMode::aimet_torch_2)
    with_clamped_grid<true>(p, use);
  else if (p.divides)
    use(GridTorch2<true>{p.scale, p.offset, p.levels});
  else
    use(GridTorch2<false>{p.scale, p.offset, p.levels});
}

}  // namespace qeval
