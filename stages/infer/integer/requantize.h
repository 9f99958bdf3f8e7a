#pragma once
/// From sums of whole numbers to codes: what `simulated-exact` does to every sum, one rounded f32 operation after the
/// other, so that the codes are its codes (stages/quant/arithmetic/exact_sums.h).
/// Thread-safety: free functions and immutable values. Errors: none. Compiled for each instruction set, all with the
/// same bits.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "stages/infer/integer/code_meaning.h"
#include "stages/infer/kernels/requantize_kernels.h"

namespace qeval {

/// One entry per output channel. Without a bias, zeros: they change the sign of a zero at most, which no code tells and
/// `rescale` minds.
struct ChannelScales {
  std::vector<std::int32_t> start;  ///< added to the sum of codes: −zero_point · Σ weights
  std::vector<float> scale, bias;
  bool has_bias = false;
};

/// What a sum is quantized to before a summand is added: limited, then a code with a meaning.
struct MiddleGrid {
  Limits limits;
  CodeMeaning meaning;
};

/// The largest factor of a sum, and the largest magnitude of what is added to it.
struct Reach {
  float scale = std::numeric_limits<float>::infinity(), addend = std::numeric_limits<float>::infinity();
};

/// Rows of sums, of channels `first` … `first + rows − 1`: y = f32(sum + start) · scale (+ bias), then, with a summand,
/// the middle grid's value of y if there is such a grid, + summand.
struct SumRows {
  const std::int32_t* sums = nullptr;  ///< s32 [rows][pitch]; up to the next multiple of 16 pixels they may be read
  std::ptrdiff_t pitch = 0;
  int rows = 0, pixels = 0;
  const ChannelScales* channels = nullptr;
  int first = 0;
  const std::uint8_t* summand = nullptr;  ///< codes of the same channels and pixels, as `codes` below; null: none
  int lane = 0;                           ///< of the first row in its quad of the summand
  const CodeMeaning* summand_meaning = nullptr;
};

CodeUnit unit_of(const CodeMeaning& meaning);

/// The values themselves, limited, without a summand: values[p · pitch + row].
void rescale(const SumRows& rows, Limits limits, float* values, std::ptrdiff_t pitch);

/// To codes on a grid of at most 256, of values that are limited first. Takes the loops of active_isa() when made.
/// Thread-safety: immutable.
class Requantizer {
 public:
  Requantizer(const QdqParameters& grid, Limits limits, const std::optional<MiddleGrid>& middle = {}, Reach reach = {});

  /// codes: u8 [⌈rows / 4⌉][pixels][4], a quad `plane` bytes behind the one before, of the summand, too; lanes behind
  /// the last row become 0.
  void quantize(const SumRows& rows, std::uint8_t* codes, std::ptrdiff_t plane) const;

  /// out[i] = code of a[i] + b[i]; any number of codes.
  void add(const std::uint8_t* a, const CodeMeaning& a_meaning, const std::uint8_t* b, const CodeMeaning& b_meaning,
           std::size_t count, std::uint8_t* out) const;

 private:
  QdqParameters grid_;
  Limits limits_;
  std::optional<MiddleGrid> middle_;
  GuessedGrid guess_;
  MiddleCode guessed_middle_;
  RequantizeKernels kernels_;
};

}  // namespace qeval
