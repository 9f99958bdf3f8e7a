#include "stages/infer/integer/requantize.h"

#include <algorithm>
#include <array>

#include "stages/quant/arithmetic/isa_dispatch.h"

namespace qeval {
namespace {

constexpr std::size_t chunk = 64;  ///< values that are looked at together

RequantizeKernels kernels_here() {
#if QEVAL_X86
  if (active_isa() >= Isa::avx512) return requantize_avx512;
  if (active_isa() >= Isa::avx2) return requantize_avx2;
#endif
  return {};
}

float value_of(const SumRows& r, int row, int pixel) {
  const auto channel = static_cast<std::size_t>(r.first + row);
  float y = static_cast<float>(r.sums[row * r.pitch + pixel] + r.channels->start[channel]) * r.channels->scale[channel];
  if (r.channels->has_bias) y += r.channels->bias[channel];
  return y;
}

/// Of a mode that clamps, also to the grid's ends.
GuessedGrid guessed(const QdqParameters& grid, Limits limits) {
  const bool clamps = grid.mode != NumericsMode::aimet_torch_2;
  if (clamps) limits = limits.clamped({grid.min, grid.max});
  return {clamps, limits.low, limits.high, true, 1.0f / grid.scale, grid.offset, grid.levels};
}

/// Whether values have to be clamped before they become codes, which are saturated anyhow: sums are below 2³¹, and as
/// codes they are to be so, too.
bool is_limited(const QdqParameters& grid, Limits limits, Reach reach) {
  constexpr float bytes = 255, largest_factor = 0.25f, largest_code = 1e6f;
  const bool cuts = limits.low > grid.min || limits.high < grid.max || grid.levels != bytes;
  return cuts || !(reach.scale < largest_factor * grid.scale) || !(reach.addend < largest_code * grid.scale);
}

/// Sums by the formulas themselves.
struct ExactQuads {
  const SumRows& rows;
  const QdqParameters& grid;
  const Limits& limits;
  const std::optional<MiddleGrid>& middle;
  std::uint8_t* codes;
  std::ptrdiff_t plane;

  static void settle(const void* self, int row, std::size_t first, std::size_t count) {
    static_cast<const ExactQuads*>(self)->write(row, first, count);
  }

  /// Of rows row … row + 3; up to `chunk` pixels.
  void write(int row, std::size_t first, std::size_t pixels) const {
    const std::ptrdiff_t place = row / 4 * plane + static_cast<std::ptrdiff_t>(first * 4);
    std::array<float, chunk> values;
    std::array<std::uint32_t, chunk> found;
    std::fill_n(codes + place, pixels * 4, std::uint8_t{0});
    for (int r = 0; r < std::min(4, rows.rows - row); ++r) {
      const std::uint8_t* summand = rows.summand ? rows.summand + place + rows.lane + r : nullptr;
      for (std::size_t p = 0; p < pixels; ++p) values[p] = value_of(rows, row + r, static_cast<int>(first + p));
      if (summand && middle) through_middle({values.data(), pixels}, {found.data(), pixels});
      for (std::size_t p = 0; p < pixels; ++p) {
        if (summand) values[p] += rows.summand_meaning->real(summand[p * 4]);
        values[p] = limits(values[p]);
      }
      quantize_codes({values.data(), pixels}, {found.data(), pixels}, grid);
      for (std::size_t p = 0; p < pixels; ++p)
        codes[place + static_cast<std::ptrdiff_t>(p * 4) + r] = static_cast<std::uint8_t>(found[p]);
    }
  }

  void through_middle(std::span<float> values, std::span<std::uint32_t> found) const {
    for (float& value : values) value = middle->limits(value);
    quantize_codes(values, found, middle->meaning.grid);
    for (std::size_t p = 0; p < values.size(); ++p) values[p] = middle->meaning.real(static_cast<int>(found[p]));
  }
};

SumQuads sum_quads(const SumRows& r, const MiddleCode* middle, std::uint8_t* codes, std::ptrdiff_t plane) {
  const auto first = static_cast<std::size_t>(r.first);
  const ChannelScales& channels = *r.channels;
  return {.sums = r.sums,
          .pitch = r.pitch,
          .rows = r.rows,
          .pixels = r.pixels,
          .start = channels.start.data() + first,
          .scale = channels.scale.data() + first,
          .bias = channels.bias.data() + first,
          .codes = codes,
          .summand = r.summand,
          .plane = plane,
          .summand_unit = r.summand ? unit_of(*r.summand_meaning) : CodeUnit(),
          .middle = middle};
}

/// Sums of codes by the formulas themselves.
struct ExactSums {
  const std::uint8_t *a, *b;
  const CodeMeaning &a_meaning, &b_meaning;
  const Limits& limits;
  const QdqParameters& grid;
  std::uint8_t* out;

  static void settle(const void* self, int, std::size_t first, std::size_t count) {
    static_cast<const ExactSums*>(self)->write(first, count);
  }

  void write(std::size_t first, std::size_t count) const {
    for (std::size_t at = first; at < first + count; at += chunk) {
      const std::size_t some = std::min(chunk, first + count - at);
      std::array<float, chunk> values;
      for (std::size_t i = 0; i < some; ++i) values[i] = limits(a_meaning.real(a[at + i]) + b_meaning.real(b[at + i]));
      write_codes({values.data(), some}, grid, out + at);
    }
  }
};

}  // namespace

CodeUnit unit_of(const CodeMeaning& meaning) {
  return {meaning.grid.offset, meaning.grid.scale, meaning.limits.low, meaning.limits.high};
}

void rescale(const SumRows& rows, Limits limits, float* values, std::ptrdiff_t pitch) {
  for (int row = 0; row < rows.rows; ++row)
    for (int p = 0; p < rows.pixels; ++p) values[p * pitch + row] = limits(value_of(rows, row, p));
}

Requantizer::Requantizer(const QdqParameters& grid, Limits limits, const std::optional<MiddleGrid>& middle, Reach reach)
    : grid_(grid), limits_(limits), middle_(middle), guess_(guessed(grid, limits)), kernels_(kernels_here()) {
  guess_.limited = is_limited(grid, limits, reach);
  if (middle) guessed_middle_ = {guessed(middle->meaning.grid, middle->limits), unit_of(middle->meaning)};
}

void Requantizer::quantize(const SumRows& rows, std::uint8_t* codes, std::ptrdiff_t plane) const {
  const ExactQuads exact{rows, grid_, limits_, middle_, codes, plane};
  // A row that begins in the middle of its quad adds the summand of another lane than its own codes lie in.
  if (kernels_.quads && !(rows.summand && rows.lane != 0))
    return kernels_.quads(sum_quads(rows, middle_ ? &guessed_middle_ : nullptr, codes, plane), guess_,
                          {ExactQuads::settle, &exact});
  const auto pixels = static_cast<std::size_t>(rows.pixels);
  for (int row = 0; row < rows.rows; row += 4)
    for (std::size_t at = 0; at < pixels; at += chunk) exact.write(row, at, std::min(chunk, pixels - at));
}

void Requantizer::add(const std::uint8_t* a, const CodeMeaning& a_meaning, const std::uint8_t* b,
                      const CodeMeaning& b_meaning, std::size_t count, std::uint8_t* out) const {
  const ExactSums exact{a, b, a_meaning, b_meaning, limits_, grid_, out};
  std::size_t done = 0;
  if (kernels_.sums)
    done =
        kernels_.sums({a, b, unit_of(a_meaning), unit_of(b_meaning)}, count, guess_, {ExactSums::settle, &exact}, out);
  exact.write(done, count - done);
}

}  // namespace qeval
