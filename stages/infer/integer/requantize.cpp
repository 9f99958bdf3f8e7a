#include "stages/infer/integer/requantize.h"

#include <array>
#include <cmath>
#include <cstring>

#include "stages/quant/arithmetic/grids.h"
#include "stages/quant/arithmetic/isa_dispatch.h"

namespace qeval {
namespace {

constexpr int chunk = 64;  ///< elements that are looked at together

[[gnu::always_inline]] inline float limited(float y, Limits limits) {
  y = y < limits.low ? limits.low : y;
  return y > limits.high ? limits.high : y;
}

// Codes are found by a guess that costs no division, and is certain unless the value lies next to the middle between
// two codes; then the mode's own formula decides. A guess is off by less than `doubt`: |y / scale| is at most 256, its
// error by the reciprocal at most three units in the last place of 24 bits, 5e-5, and one more rounding of 1.5e-5.

constexpr float doubt = 2e-4f;

/// Of modes that clamp and divide.
template <class Grid>
struct GuessedGrid {
  Grid grid;
  float min, max, reciprocal, offset;

  [[gnu::always_inline]] inline float guess(float y) const {
    y = y > min ? y : min;
    return (y < max ? y : max) * reciprocal - offset;
  }
  [[gnu::always_inline]] inline static float nearest(float guess) { return std::rint(guess); }
  [[gnu::always_inline]] inline static bool is_doubtful(float guess) {
    return std::abs(guess - std::rint(guess)) > 0.5f - doubt;
  }
  [[gnu::always_inline]] inline float exact(float y) const { return grid.code(y); }
};

/// Of the mode that multiplies and rounds halves to even: the formula itself.
struct CertainGrid {
  GridTorch2<false> grid;
  float reciprocal;

  [[gnu::always_inline]] inline float guess(float y) const { return y; }
  [[gnu::always_inline]] inline float nearest(float y) const {
    float q = std::rint(y * reciprocal) - grid.offset;
    q = q < 0.0f ? 0.0f : q;
    return q > grid.levels ? grid.levels : q;
  }
  [[gnu::always_inline]] inline static bool is_doubtful(float) { return false; }
  [[gnu::always_inline]] inline float exact(float y) const { return nearest(y); }
};

[[gnu::always_inline]] inline std::uint32_t whole(float code) {
  return static_cast<std::uint32_t>(static_cast<std::int32_t>(code));
}

/// One row's numbers, in registers.
struct Row {
  std::int32_t start;
  float scale, bias;
  float summand_offset, summand_unit;
  Limits summand_limits, limits;
};

Row row_of(const SumRows& r, int row) {
  const auto channel = static_cast<std::size_t>(r.first + row);
  const ChannelScales& channels = *r.channels;
  Row result{channels.start[channel], channels.scale[channel], channels.bias.empty() ? 0 : channels.bias[channel], 0, 0,
             {},                      r.limits};
  if (!r.summand) return result;
  result.summand_offset = r.summand_meaning->grid.offset;
  result.summand_unit = r.summand_meaning->grid.scale;
  result.summand_limits = r.summand_meaning->limits;
  return result;
}

/// f32 + 0 would make +0 of −0, which no code tells apart, but a logit does.
template <bool has_bias, bool has_summand>
[[gnu::always_inline]] inline float value(std::int32_t sum, const std::uint8_t* summand, const Row& row) {
  float y = static_cast<float>(sum + row.start) * row.scale;
  if constexpr (has_bias) y += row.bias;
  if constexpr (has_summand)
    y += limited((static_cast<float>(*summand) + row.summand_offset) * row.summand_unit, row.summand_limits);
  return limited(y, row.limits);
}

/// The values of up to `chunk` pixels of one row.
template <bool has_bias, bool has_summand>
[[gnu::always_inline]] inline void row_values(const SumRows& r, int row, int at, int count, float* y) {
  const Row numbers = row_of(r, row);
  const std::int32_t* sums = r.sums + row * r.pitch + at;
  const std::uint8_t* summand = has_summand ? r.summand + at * 4 + row : nullptr;
  for (int p = 0; p < count; ++p) y[p] = value<has_bias, has_summand>(sums[p], summand + p * 4, numbers);
}

/// Their codes, as one byte of every quad. `exact`: by the formula; else false is returned if a guess is in doubt.
template <bool exact, class Grid>
[[gnu::always_inline]] inline bool add_codes_of(const float* y, int count, Grid grid, int shift, std::uint32_t* quads) {
  std::uint32_t doubtful = 0;
  for (int p = 0; p < count; ++p) {
    const float guess = exact ? y[p] : grid.guess(y[p]);
    if constexpr (!exact) doubtful |= grid.is_doubtful(guess) ? 1u : 0u;
    quads[p] |= whole(exact ? grid.exact(guess) : grid.nearest(guess)) << shift;
  }
  return doubtful == 0;
}

template <bool has_bias, bool has_summand, bool exact, class Grid>
[[gnu::always_inline]] inline bool requantize_chunk(const SumRows& r, int at, int count, Grid grid,
                                                    std::uint8_t* codes) {
  std::array<std::uint32_t, chunk> quads{};
  bool certain = true;
  for (int row = 0; row < r.rows; ++row) {
    std::array<float, chunk> y;
    row_values<has_bias, has_summand>(r, row, at, count, y.data());
    certain &= add_codes_of<exact>(y.data(), count, grid, 8 * row, quads.data());
  }
  std::memcpy(codes + at * 4, quads.data(), static_cast<std::size_t>(count) * 4);
  return certain;
}

template <bool has_bias, bool has_summand, class Grid>
[[gnu::always_inline]] inline void requantize_rows_of(const SumRows& r, Grid grid, std::uint8_t* codes) {
  for (int at = 0; at < r.pixels; at += chunk) {
    const int count = r.pixels - at < chunk ? r.pixels - at : chunk;
    if (!requantize_chunk<has_bias, has_summand, false>(r, at, count, grid, codes))
      requantize_chunk<has_bias, has_summand, true>(r, at, count, grid, codes);
  }
}

template <class Grid>
[[gnu::always_inline]] inline void requantize_rows_body(const SumRows& r, Grid grid, std::uint8_t* codes) {
  const bool has_bias = !r.channels->bias.empty();
  if (r.summand)
    has_bias ? requantize_rows_of<true, true>(r, grid, codes) : requantize_rows_of<false, true>(r, grid, codes);
  else
    has_bias ? requantize_rows_of<true, false>(r, grid, codes) : requantize_rows_of<false, false>(r, grid, codes);
}

/// Two grids' units and limits, in registers.
struct Summands {
  float a_offset, a_unit, b_offset, b_unit;
  Limits a_limits, b_limits, limits;
};

template <bool exact, class Grid>
[[gnu::always_inline]] inline bool add_chunk(const std::uint8_t* a, const std::uint8_t* b, std::size_t count,
                                             Summands s, Grid grid, std::uint8_t* out) {
  std::uint32_t doubtful = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const float x = limited((static_cast<float>(a[i]) + s.a_offset) * s.a_unit, s.a_limits);
    const float y = limited((static_cast<float>(b[i]) + s.b_offset) * s.b_unit, s.b_limits);
    const float sum = limited(x + y, s.limits);
    if constexpr (exact) {
      out[i] = static_cast<std::uint8_t>(whole(grid.exact(sum)));
    } else {
      const float guess = grid.guess(sum);
      doubtful |= grid.is_doubtful(guess) ? 1u : 0u;
      out[i] = static_cast<std::uint8_t>(whole(grid.nearest(guess)));
    }
  }
  return doubtful == 0;
}

template <class Grid>
[[gnu::always_inline]] inline void add_body(const std::uint8_t* a, const std::uint8_t* b, std::size_t n, Summands s,
                                            Grid grid, std::uint8_t* out) {
  for (std::size_t at = 0; at < n; at += chunk) {
    const std::size_t count = n - at < chunk ? n - at : chunk;
    if (!add_chunk<false>(a + at, b + at, count, s, grid, out + at))
      add_chunk<true>(a + at, b + at, count, s, grid, out + at);
  }
}

#define QEVAL_DEFINE_FOR_GRID(Grid)                                                                                    \
  QEVAL_DEFINE_FOR_EACH_ISA(void, requantize_rows, (const SumRows& r, Grid grid, std::uint8_t* codes),                 \
                            (r, grid, codes))                                                                          \
  QEVAL_DEFINE_FOR_EACH_ISA(                                                                                           \
      void, add, (const std::uint8_t* a, const std::uint8_t* b, std::size_t n, Summands s, Grid grid, std::uint8_t* o), \
      (a, b, n, s, grid, o))
QEVAL_DEFINE_FOR_GRID(GuessedGrid<Grid124<false>>)
QEVAL_DEFINE_FOR_GRID(GuessedGrid<GridOnnx2<false>>)
QEVAL_DEFINE_FOR_GRID(CertainGrid)
#undef QEVAL_DEFINE_FOR_GRID

/// Calls `use` with a grid of at most 256 codes, as code_meaning admits them.
template <class Use>
void with_small_grid(const QdqParameters& p, const Use& use) {
  const Grid124<false> grid{p.min, p.max, p.scale, p.offset};
  const float reciprocal = 1.0f / p.scale;
  if (p.mode == NumericsMode::aimet_torch_2)
    use(CertainGrid{{p.scale, p.offset, p.levels}, reciprocal});
  else if (is_before_2(p.mode))
    use(GuessedGrid<Grid124<false>>{grid, p.min, p.max, reciprocal, p.offset});
  else
    use(GuessedGrid<GridOnnx2<false>>{{grid}, p.min, p.max, reciprocal, p.offset});
}

}  // namespace

void requantize(const SumRows& rows, const QdqParameters& grid, std::uint8_t* codes) {
  with_small_grid(grid, [&](const auto& g) { requantize_rows(rows, g, codes); });
}

void rescale(const SumRows& r, float* values, std::ptrdiff_t pitch) {
  for (int row = 0; row < r.rows; ++row)
    for (int p = 0; p < r.pixels; ++p) {
      const std::int32_t sum = r.sums[row * r.pitch + p];
      values[p * pitch + row] = r.channels->bias.empty() ? value<false, false>(sum, nullptr, row_of(r, row))
                                                         : value<true, false>(sum, nullptr, row_of(r, row));
    }
}

void add_codes(const std::uint8_t* a, const CodeMeaning& a_meaning, const std::uint8_t* b, const CodeMeaning& b_meaning,
               std::size_t count, Limits limits, const QdqParameters& grid, std::uint8_t* out) {
  const Summands summands{a_meaning.grid.offset, a_meaning.grid.scale, b_meaning.grid.offset, b_meaning.grid.scale,
                          a_meaning.limits,      b_meaning.limits,     limits};
  with_small_grid(grid, [&](const auto& g) { add(a, b, count, summands, g, out); });
}

}  // namespace qeval
