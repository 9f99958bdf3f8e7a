#pragma once
/// From sums of whole numbers to codes: what `simulated-exact` does to every sum, one rounded f32 operation after the
/// other, so that the codes are its codes (stages/quant/arithmetic/exact_sums.h).
/// Thread-safety: free functions. Errors: none. Compiled for each instruction set, all with the same bits.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "stages/infer/integer/code_meaning.h"

namespace qeval {

/// One entry per output channel. Without a bias, zeros: they change the sign of a zero at most, which no code tells and
/// `rescale` minds.
struct ChannelScales {
  std::vector<std::int32_t> start;  ///< added to the sum of codes: −zero_point · Σ weights
  std::vector<float> scale, bias;
  bool has_bias = false;
};

/// Rows of sums, of channels `first` … `first + rows − 1`, and what happens to them:
/// y = f32(sum + start) · scale (+ bias) (+ summand), then the limits.
struct SumRows {
  const std::int32_t* sums = nullptr;  ///< s32 [rows][pitch]; up to the next multiple of 16 pixels they may be read
  std::ptrdiff_t pitch = 0;
  int rows = 0, pixels = 0;
  const ChannelScales* channels = nullptr;
  int first = 0;
  const std::uint8_t* summand = nullptr;  ///< codes of the same channels and pixels, as `codes` below; null: none
  int lane = 0;                           ///< of the first row in its quad of the summand
  const CodeMeaning* summand_meaning = nullptr;
  Limits limits;
};

/// codes: u8 [⌈rows / 4⌉][pixels][4], a quad `plane` bytes behind the one before, of the summand, too; lanes behind the
/// last row become 0.
void requantize(const SumRows& rows, const QdqParameters& grid, std::uint8_t* codes, std::ptrdiff_t plane);
/// The same without a grid and a summand: values[p · pitch + row].
void rescale(const SumRows& rows, float* values, std::ptrdiff_t pitch);

/// out[i] = code on `grid` of the limited a[i] + b[i]; any number of codes.
void add_codes(const std::uint8_t* a, const CodeMeaning& a_meaning, const std::uint8_t* b, const CodeMeaning& b_meaning,
               std::size_t count, Limits limits, const QdqParameters& grid, std::uint8_t* out);

}  // namespace qeval
