#pragma once
/// The loops of requantize_kernels.h over a type of vectors. Who includes this has defined QEVAL_LOOP_TARGET, the
/// instruction set that the vectors take: templates are compiled for it.
///
/// V: its `width` values of f32 (Floats) or s32 (Ints), and the operations used below, each of which is one instruction
/// or two.
/// Thread-safety: free functions. Errors: none.
#include "stages/infer/kernels/requantize_kernels.h"

#define QEVAL_LOOP_INLINE [[gnu::always_inline]] QEVAL_LOOP_TARGET inline

namespace qeval {
namespace {

/// A grid's numbers in registers.
template <class V>
struct GridVectors {
  typename V::Floats low, high, reciprocal, offset, levels, certain;
};

template <class V>
QEVAL_LOOP_INLINE GridVectors<V> grid_vectors(const GuessedGrid& grid) {
  return {V::all(grid.low),    V::all(grid.high),   V::all(grid.reciprocal),
          V::all(grid.offset), V::all(grid.levels), V::all(0.5f - doubt)};
}

/// `farthest`: how far a guess was from its code, at most, in each lane. Not `limited`: the code is still to be
/// saturated.
template <class V, bool clamps, bool limited>
QEVAL_LOOP_INLINE typename V::Ints codes_of(typename V::Floats y, const GridVectors<V>& grid,
                                            typename V::Floats& farthest) {
  if constexpr (limited) y = V::clamp(y, grid.low, grid.high);
  if constexpr (clamps) {
    const auto guess = V::multiply_subtract(y, grid.reciprocal, grid.offset);
    const auto code = V::to_ints(guess);
    farthest = V::larger_magnitude(farthest, V::subtract(guess, V::to_floats(code)));
    return code;
  } else {
    const auto code = V::subtract(V::nearest(V::multiply(y, grid.reciprocal)), grid.offset);
    return V::to_ints(limited ? V::clamp(code, V::all(0.0f), grid.levels) : code);
  }
}

template <class V>
struct UnitVectors {
  typename V::Floats offset, unit, low, high;
};

template <class V>
QEVAL_LOOP_INLINE UnitVectors<V> unit_vectors(const CodeUnit& unit) {
  return {V::all(unit.offset), V::all(unit.unit), V::all(unit.low), V::all(unit.high)};
}

template <class V>
QEVAL_LOOP_INLINE typename V::Floats values_of(typename V::Ints codes, const UnitVectors<V>& unit) {
  const auto steps = V::add(V::to_floats(codes), unit.offset);
  return V::clamp(V::multiply(steps, unit.unit), unit.low, unit.high);
}

/// What every row of a quad adds and multiplies with.
template <class V>
struct RowVectors {
  typename V::Ints start;
  typename V::Floats scale, bias;
};

enum class Adds { nothing, to_sum, to_middle_code };

template <class V, bool clamps, Adds adds, bool limited, int rows>
QEVAL_LOOP_TARGET void quantize_quad(const SumQuads& s, int row, const GridVectors<V>& grid, const Settler& settler) {
  RowVectors<V> of_row[rows];
#pragma GCC unroll 4
  for (int r = 0; r < rows; ++r) {
    of_row[r].start = V::all(s.start[row + r]);
    of_row[r].scale = V::all(s.scale[row + r]);
    of_row[r].bias = V::all(s.bias[row + r]);
  }
  const UnitVectors<V> unit = unit_vectors<V>(s.summand_unit);
  GridVectors<V> middle;
  UnitVectors<V> middle_unit;
  if constexpr (adds == Adds::to_middle_code) {
    middle = grid_vectors<V>(s.middle->grid);
    middle_unit = unit_vectors<V>(s.middle->unit);
  }
  const std::int32_t* sums = s.sums + row * s.pitch;
  std::uint8_t* codes = s.codes + row / 4 * s.plane;
  const std::uint8_t* summand = adds != Adds::nothing ? s.summand + row / 4 * s.plane : nullptr;
  for (int p = 0; p < s.pixels; p += V::width) {
    const int count = s.pixels - p < V::width ? s.pixels - p : V::width;
    auto farthest = V::all(0.0f);
    typename V::Ints row_codes[4];
    auto added = V::all(std::int32_t{0});
    if constexpr (adds != Adds::nothing) added = V::load_some(summand + p * 4, count);
#pragma GCC unroll 4
    for (int r = 0; r < rows; ++r) {
      const auto sum = V::to_floats(V::add(V::load(sums + r * s.pitch + p), of_row[r].start));
      auto y = V::add(V::multiply(sum, of_row[r].scale), of_row[r].bias);
      if constexpr (adds == Adds::to_middle_code)
        y = values_of<V>(codes_of<V, clamps, true>(y, middle, farthest), middle_unit);
      if constexpr (adds != Adds::nothing) y = V::add(y, values_of<V>(V::byte(added, r), unit));
      row_codes[r] = codes_of<V, clamps, limited>(y, grid, farthest);
    }
#pragma GCC unroll 4
    for (int r = rows; r < 4; ++r) row_codes[r] = V::all(std::int32_t{0});
    V::store_some(codes + p * 4, V::interleaved(row_codes[0], row_codes[1], row_codes[2], row_codes[3]), count);
    if (clamps && V::any_above(farthest, grid.certain)) [[unlikely]]
      settler.settle(settler.context, row, static_cast<std::size_t>(p), static_cast<std::size_t>(count));
  }
}

template <class V, bool clamps, Adds adds, bool limited>
QEVAL_LOOP_TARGET void quantize_rows(const SumQuads& s, const GuessedGrid& guessed, const Settler& settler) {
  const GridVectors<V> grid = grid_vectors<V>(guessed);
  int row = 0;
  for (; row + 4 <= s.rows; row += 4) quantize_quad<V, clamps, adds, limited, 4>(s, row, grid, settler);
  if (s.rows - row == 3) quantize_quad<V, clamps, adds, limited, 3>(s, row, grid, settler);
  if (s.rows - row == 2) quantize_quad<V, clamps, adds, limited, 2>(s, row, grid, settler);
  if (s.rows - row == 1) quantize_quad<V, clamps, adds, limited, 1>(s, row, grid, settler);
}

template <class V, bool clamps, bool limited>
QEVAL_LOOP_TARGET void quantize_sums_of(const SumQuads& s, const GuessedGrid& grid, const Settler& settler) {
  if (!s.summand)
    quantize_rows<V, clamps, Adds::nothing, limited>(s, grid, settler);
  else if (!s.middle)
    quantize_rows<V, clamps, Adds::to_sum, limited>(s, grid, settler);
  else
    quantize_rows<V, clamps, Adds::to_middle_code, limited>(s, grid, settler);
}

template <class V, bool clamps>
QEVAL_LOOP_TARGET void quantize_sums_on(const SumQuads& s, const GuessedGrid& grid, const Settler& settler) {
  grid.limited ? quantize_sums_of<V, clamps, true>(s, grid, settler)
               : quantize_sums_of<V, clamps, false>(s, grid, settler);
}

template <class V>
QEVAL_LOOP_TARGET void quantize_sums(const SumQuads& s, const GuessedGrid& grid, const Settler& settler) {
  grid.clamps ? quantize_sums_on<V, true>(s, grid, settler) : quantize_sums_on<V, false>(s, grid, settler);
}

template <class V, bool clamps>
QEVAL_LOOP_TARGET std::size_t add_pairs(const CodePair& pair, std::size_t count, const GuessedGrid& guessed,
                                        const Settler& settler, std::uint8_t* out) {
  constexpr std::size_t step = 16;
  const GridVectors<V> grid = grid_vectors<V>(guessed);
  const UnitVectors<V> a = unit_vectors<V>(pair.a_unit), b = unit_vectors<V>(pair.b_unit);
  const std::size_t end = count / step * step;
  for (std::size_t i = 0; i < end; i += step) {
    auto farthest = V::all(0.0f);
    for (std::size_t k = i; k < i + step; k += V::width) {
      const auto sum = V::add(values_of<V>(V::widen(pair.a + k), a), values_of<V>(V::widen(pair.b + k), b));
      V::narrow(out + k, codes_of<V, clamps, true>(sum, grid, farthest));
    }
    if (clamps && V::any_above(farthest, grid.certain)) [[unlikely]]
      settler.settle(settler.context, 0, i, step);
  }
  return end;
}

template <class V>
QEVAL_LOOP_TARGET std::size_t add_codes_of(const CodePair& pair, std::size_t count, const GuessedGrid& grid,
                                           const Settler& settler, std::uint8_t* out) {
  return grid.clamps ? add_pairs<V, true>(pair, count, grid, settler, out)
                     : add_pairs<V, false>(pair, count, grid, settler, out);
}

}  // namespace
}  // namespace qeval
