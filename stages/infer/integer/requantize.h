#pragma once
/// From sums of whole numbers to codes: what `simulated-exact` does to every sum, one rounded f32 operation after the
/// other, so that the codes are its codes (stages/quant/arithmetic/exact_sums.h).
/// Thread-safety: free functions. Errors: none. Compiled for each instruction set, all with the same bits.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "stages/infer/integer/code_meaning.h"

namespace qeval {

/// Of every output channel; `scale` and `start` have as many entries as there are channels, `bias` too unless it is
/// empty.
struct ChannelScales {
  std::vector<std::int32_t> start;  ///< added to the sum of codes: −zero_point · Σ weights
  std::vector<float> scale, bias;
};

/// Up to four rows of sums, of channels `first` … `first + rows − 1` of `channels`, and what happens to them:
/// y = f32(sum + start) · scale (+ bias) (+ summand), then the limits.
struct SumRows {
  const std::int32_t* sums = nullptr;  ///< s32 [rows][pitch]
  std::ptrdiff_t pitch = 0;
  int rows = 0, pixels = 0;
  const ChannelScales* channels = nullptr;
  int first = 0;
  const std::uint8_t* summand = nullptr;  ///< u8 [pixels][4], codes of the same channels; null: none
  const CodeMeaning* summand_meaning = nullptr;
  Limits limits;
};

/// codes: u8 [pixels][4]; lanes from `rows` on become 0.
void requantize(const SumRows& rows, const QdqParameters& grid, std::uint8_t* codes);
/// The same without a grid: values[p · pitch + row].
void rescale(const SumRows& rows, float* values, std::ptrdiff_t pitch);

/// out[i] = code on `grid` of the limited a[i] + b[i]; any number of codes.
void add_codes(const std::uint8_t* a, const CodeMeaning& a_meaning, const std::uint8_t* b, const CodeMeaning& b_meaning,
               std::size_t count, Limits limits, const QdqParameters& grid, std::uint8_t* out);

}  // namespace qeval
