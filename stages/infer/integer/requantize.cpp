#include "stages/infer/integer/requantize.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "stages/infer/kernels/requantize_avx2.h"
#include "stages/infer/kernels/requantize_avx512.h"
#include "stages/quant/arithmetic/isa_dispatch.h"

namespace qeval {
namespace {

constexpr int chunk = 64;  ///< elements that are looked at together
constexpr int step = 16;   ///< of the guessing loops

GuessKernels guess_kernels() {
#if QEVAL_X86
  switch (active_isa()) {
    case Isa::amx:
    case Isa::avx512: return {guess_quads_avx512, guess_sums_avx512};
    case Isa::avx_vnni:
    case Isa::avx2: return {guess_quads_avx2, guess_sums_avx2};
    case Isa::baseline: break;
  }
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
  return {clamps, limits.low, limits.high, 1.0f / grid.scale, grid.offset, grid.levels};
}

/// By the formulas themselves; up to `chunk` pixels.
void exact_quads(const SumRows& r, const QdqParameters& grid, const std::uint8_t* summand, std::uint32_t* quads) {
  const auto pixels = static_cast<std::size_t>(r.pixels);
  std::fill_n(quads, pixels, 0u);
  std::array<float, chunk> values;
  std::array<std::uint32_t, chunk> codes;
  for (int row = 0; row < r.rows; ++row) {
    for (std::size_t p = 0; p < pixels; ++p) {
      values[p] = value_of(r, row, static_cast<int>(p));
      if (summand) values[p] += r.summand_meaning->real(summand[p * 4 + static_cast<std::size_t>(r.lane + row)]);
      values[p] = r.limits(values[p]);
    }
    quantize_codes({values.data(), pixels}, {codes.data(), pixels}, grid);
    for (std::size_t p = 0; p < pixels; ++p) quads[p] |= codes[p] << 8 * row;
  }
}

QuadSums quad_sums(const SumRows& r) {
  const auto first = static_cast<std::size_t>(r.first);
  const ChannelScales& channels = *r.channels;
  return {r.sums,
          r.pitch,
          r.rows,
          (r.pixels + step - 1) / step * step,
          channels.start.data() + first,
          channels.scale.data() + first,
          channels.bias.data() + first};
}

}  // namespace

void requantize(const SumRows& rows, const QdqParameters& grid, std::uint8_t* codes, std::ptrdiff_t plane) {
  const GuessQuads guess = rows.summand ? nullptr : guess_kernels().quads;
  const GuessedGrid guesses = guessed(grid, rows.limits);
  std::array<std::uint32_t, chunk> quads;
  for (int row = 0; row < rows.rows; row += 4)
    for (int at = 0; at < rows.pixels; at += chunk) {
      const std::ptrdiff_t place = row / 4 * plane + std::ptrdiff_t{at} * 4;
      SumRows part = rows;
      part.sums += row * rows.pitch + at;
      part.rows = std::min(4, rows.rows - row);
      part.pixels = std::min(chunk, rows.pixels - at);
      part.first += row;
      if (!guess || !guess(quad_sums(part), guesses, quads.data()))
        exact_quads(part, grid, rows.summand ? rows.summand + place : nullptr, quads.data());
      std::memcpy(codes + place, quads.data(), static_cast<std::size_t>(part.pixels) * 4);
    }
}

void rescale(const SumRows& rows, float* values, std::ptrdiff_t pitch) {
  for (int row = 0; row < rows.rows; ++row)
    for (int p = 0; p < rows.pixels; ++p) values[p * pitch + row] = rows.limits(value_of(rows, row, p));
}

void add_codes(const std::uint8_t* a, const CodeMeaning& a_meaning, const std::uint8_t* b, const CodeMeaning& b_meaning,
               std::size_t count, Limits limits, const QdqParameters& grid, std::uint8_t* out) {
  const GuessSums guess = guess_kernels().sums;
  const GuessedGrid guesses = guessed(grid, limits);
  const QdqParameters &of_a = a_meaning.grid, &of_b = b_meaning.grid;
  for (std::size_t at = 0; at < count; at += chunk) {
    const std::size_t some = std::min<std::size_t>(chunk, count - at);
    const CodePair pair{a + at,
                        b + at,
                        of_a.offset,
                        of_a.scale,
                        a_meaning.limits.low,
                        a_meaning.limits.high,
                        of_b.offset,
                        of_b.scale,
                        b_meaning.limits.low,
                        b_meaning.limits.high};
    if (guess && some % step == 0 && guess(pair, static_cast<int>(some), guesses, out + at)) continue;
    std::array<float, chunk> values;
    for (std::size_t i = 0; i < some; ++i) values[i] = limits(a_meaning.real(a[at + i]) + b_meaning.real(b[at + i]));
    write_codes({values.data(), some}, grid, out + at);
  }
}

}  // namespace qeval
