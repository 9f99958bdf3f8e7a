#pragma once
/// Codes of many values by a guess that costs no division, one loop per instruction set.
///
/// Grids of modes that clamp and divide: code = round(clamp(y) / scale − offset). The guess takes the reciprocal; it is
/// certain unless it lies within `doubt` of the middle between two codes, and the loop says so: |y / scale| is at most
/// 256, its error by the reciprocal at most three units in the last place of 24 bits, 5e-5, and two more roundings of
/// 1.5e-5 are less than `doubt`. The mode that multiplies has no doubt: rint(y · (1 / scale)) − offset, clamped.
/// Thread-safety: free functions. Errors: none.
#include <cstddef>
#include <cstdint>

namespace qeval {

inline constexpr float doubt = 1e-4f;

/// A grid of at most 256 codes, with the limits that values have before it.
struct GuessedGrid {
  bool clamps = true;       ///< false: the mode that multiplies
  float low = 0, high = 0;  ///< values are clamped to: the limits' and, if it clamps, the grid's
  float reciprocal = 1, offset = 0, levels = 255;
};

/// Sums of four channels, as SumRows has them.
struct QuadSums {
  const std::int32_t* sums = nullptr;  ///< s32 [rows][pitch]
  std::ptrdiff_t pitch = 0;
  int rows = 4, pixels = 0;  ///< pixels: a multiple of 16
  const std::int32_t* start = nullptr;
  const float *scale = nullptr, *bias = nullptr;
};

/// Two values per code: (code + offset) · unit each, clamped.
struct CodePair {
  const std::uint8_t *a = nullptr, *b = nullptr;
  float a_offset = 0, a_unit = 0, a_low = 0, a_high = 0;
  float b_offset = 0, b_unit = 0, b_low = 0, b_high = 0;
};

/// quads: u32 [pixels]. False if in doubt somewhere.
using GuessQuads = bool (*)(const QuadSums& sums, const GuessedGrid& grid, std::uint32_t* quads);
/// out: u8 [count], a multiple of 16.
using GuessSums = bool (*)(const CodePair& pair, int count, const GuessedGrid& grid, std::uint8_t* out);

/// Null pointers where no loop is written for an instruction set.
struct GuessKernels {
  GuessQuads quads = nullptr;
  GuessSums sums = nullptr;
};

}  // namespace qeval
