#include "stages/infer/integer/requantize.h"

#include <array>
#include <cstring>

#include "stages/quant/arithmetic/grids.h"
#include "stages/quant/arithmetic/isa_dispatch.h"

namespace qeval {
namespace {

constexpr int chunk = 64;  ///< pixels whose values are kept between two loops

[[gnu::always_inline]] inline float limited(float y, Limits limits) {
  y = y < limits.low ? limits.low : y;
  return y > limits.high ? limits.high : y;
}


/// Pixels from `at` on, of one row.
[[gnu::always_inline]] inline void row_values(const SumRows& r, int row, int at, int count, float* y) {
  const std::int32_t* sums = r.sums + row * r.pitch + at;
  const auto channel = static_cast<std::size_t>(r.first + row);
  const std::int32_t start = r.channels->start[channel];
  const float scale = r.channels->scale[channel];
  for (int p = 0; p < count; ++p) y[p] = static_cast<float>(sums[p] + start) * scale;
  if (!r.channels->bias.empty()) {
    const float bias = r.channels->bias[channel];
    for (int p = 0; p < count; ++p) y[p] += bias;
  }
  if (r.summand) {
    const QdqParameters& grid = r.summand_meaning->grid;
    const float offset = grid.offset, unit = grid.scale;
    const Limits limits = r.summand_meaning->limits;
    const std::uint8_t* codes = r.summand + at * 4 + row;
    for (int p = 0; p < count; ++p) y[p] += limited((static_cast<float>(codes[p * 4]) + offset) * unit, limits);
  }
  for (int p = 0; p < count; ++p) y[p] = limited(y[p], r.limits);
}

template <class Grid>
[[gnu::always_inline]] inline void requantize_rows_body(const SumRows& r, Grid grid, std::uint8_t* codes) {
  for (int at = 0; at < r.pixels; at += chunk) {
    const int count = r.pixels - at < chunk ? r.pixels - at : chunk;
    std::array<std::uint32_t, chunk> quads{};
    for (int row = 0; row < r.rows; ++row) {
      std::array<float, chunk> y;
      row_values(r, row, at, count, y.data());
      for (int p = 0; p < count; ++p)
        quads[static_cast<std::size_t>(p)] |=
            static_cast<std::uint32_t>(static_cast<std::int32_t>(grid.code(y[static_cast<std::size_t>(p)])))
            << (8 * row);
    }
    std::memcpy(codes + at * 4, quads.data(), static_cast<std::size_t>(count) * 4);
  }
}

[[gnu::always_inline]] inline void rescale_rows_body(const SumRows& r, float* values, std::ptrdiff_t pitch) {
  for (int at = 0; at < r.pixels; at += chunk) {
    const int count = r.pixels - at < chunk ? r.pixels - at : chunk;
    for (int row = 0; row < r.rows; ++row) {
      std::array<float, chunk> y;
      row_values(r, row, at, count, y.data());
      for (int p = 0; p < count; ++p) values[(at + p) * pitch + row] = y[static_cast<std::size_t>(p)];
    }
  }
}

/// Two grids' units and limits, in registers.
struct Summands {
  float a_offset, a_unit, b_offset, b_unit;
  Limits a_limits, b_limits, limits;
};

template <class Grid>
[[gnu::always_inline]] inline void add_body(const std::uint8_t* a, const std::uint8_t* b, std::size_t count,
                                            Summands s, Grid grid, std::uint8_t* out) {
  for (std::size_t i = 0; i < count; ++i) {
    const float x = limited((static_cast<float>(a[i]) + s.a_offset) * s.a_unit, s.a_limits);
    const float y = limited((static_cast<float>(b[i]) + s.b_offset) * s.b_unit, s.b_limits);
    out[i] = static_cast<std::uint8_t>(static_cast<std::int32_t>(grid.code(limited(x + y, s.limits))));
  }
}

#define QEVAL_DEFINE_FOR_GRID(Grid)                                                                                    \
  QEVAL_DEFINE_FOR_EACH_ISA(void, requantize_rows, (const SumRows& r, Grid grid, std::uint8_t* codes),                 \
                            (r, grid, codes))                                                                          \
  QEVAL_DEFINE_FOR_EACH_ISA(                                                                                           \
      void, add, (const std::uint8_t* a, const std::uint8_t* b, std::size_t n, Summands s, Grid grid, std::uint8_t* o), \
      (a, b, n, s, grid, o))
QEVAL_DEFINE_FOR_GRID(Grid124<false>)
QEVAL_DEFINE_FOR_GRID(GridOnnx2<false>)
QEVAL_DEFINE_FOR_GRID(GridTorch2<false>)
#undef QEVAL_DEFINE_FOR_GRID
QEVAL_DEFINE_FOR_EACH_ISA(void, rescale_rows, (const SumRows& r, float* values, std::ptrdiff_t pitch),
                          (r, values, pitch))

/// with_grid for grids of at most 256 codes that no block shares.
template <class Use>
void with_small_grid(const QdqParameters& p, const Use& use) {
  const Grid124<false> grid{p.min, p.max, p.scale, p.offset};
  if (p.mode == NumericsMode::aimet_torch_2)
    use(GridTorch2<false>{p.scale, p.offset, p.levels});
  else if (is_before_2(p.mode))
    use(grid);
  else
    use(GridOnnx2<false>{grid});
}

}  // namespace

void requantize(const SumRows& rows, const QdqParameters& grid, std::uint8_t* codes) {
  with_small_grid(grid, [&](const auto& g) { requantize_rows(rows, g, codes); });
}

void rescale(const SumRows& rows, float* values, std::ptrdiff_t pitch) { rescale_rows(rows, values, pitch); }

void add_codes(const std::uint8_t* a, const CodeMeaning& a_meaning, const std::uint8_t* b, const CodeMeaning& b_meaning,
               std::size_t count, Limits limits, const QdqParameters& grid, std::uint8_t* out) {
  const Summands summands{a_meaning.grid.offset, a_meaning.grid.scale, b_meaning.grid.offset, b_meaning.grid.scale,
                          a_meaning.limits,      b_meaning.limits,     limits};
  with_small_grid(grid, [&](const auto& g) { add(a, b, count, summands, g, out); });
}

}  // namespace qeval
