#pragma once
/// Codes of many values by a guess that costs no division, one set of loops per instruction set.
///
/// Grids of modes that clamp and divide: code = round(clamp(y) / scale − offset). The guess takes the reciprocal; it is
/// certain unless it lies within `doubt` of the middle between two codes, and there the formula itself is asked:
/// |y / scale| is at most 256, its error by the reciprocal at most three units in the last place of 24 bits, 5e-5, and
/// two more roundings of 1.5e-5 are less than `doubt`. The mode that multiplies has no doubt: rint(y · (1 / scale)) −
/// offset, clamped.
/// Thread-safety: free functions. Errors: none.
#include <cstddef>
#include <cstdint>

namespace qeval {

inline constexpr float doubt = 1e-4f;

/// A grid of at most 256 codes, with the limits that values have before it.
struct GuessedGrid {
  bool clamps = true;       ///< false: the mode that multiplies
  float low = 0, high = 0;  ///< values are clamped to: the limits' and, if it clamps, the grid's
  bool limited = true;      ///< false: that is what codes saturated to 0 … 255 come to, and no sum of a value and a
                            ///< summand leaves 32 bits as a code
  float reciprocal = 1, offset = 0, levels = 255;
};

/// Writes codes by the formula itself, in place of those that a guess left in doubt.
struct Settler {
  /// Of rows row … row + 3, and of pixels first … first + count − 1; a list of codes has the row 0.
  void (*settle)(const void* context, int row, std::size_t first, std::size_t count) = nullptr;
  const void* context = nullptr;
};

/// What codes stand for: (code + offset) · unit, clamped.
struct CodeUnit {
  float offset = 0, unit = 0, low = 0, high = 0;
};

/// What a sum becomes before the summand is added: a code on a grid, and what that stands for.
struct MiddleCode {
  GuessedGrid grid;
  CodeUnit unit;
};

/// Rows of sums, a channel each, and where their codes go:
/// y = f32(sum + start) · scale + bias, or, with a summand, what its code stands for + (what the middle code of that
/// stands for, or that itself).
struct SumQuads {
  const std::int32_t* sums = nullptr;  ///< s32 [rows][pitch]; up to the next multiple of 16 pixels they may be read
  std::ptrdiff_t pitch = 0;
  int rows = 4, pixels = 0;
  const std::int32_t* start = nullptr;
  const float *scale = nullptr, *bias = nullptr;  ///< with start: per row
  std::uint8_t* codes = nullptr;                  ///< u8 [⌈rows / 4⌉][pixels][4]; lanes behind the last row become 0
  const std::uint8_t* summand = nullptr;          ///< as the codes; null: none
  std::ptrdiff_t plane = 0;                       ///< bytes from a quad of rows to the next one
  CodeUnit summand_unit;
  const MiddleCode* middle = nullptr;  ///< with a summand; null: none. Its grid clamps if the codes' does.
};

/// Two codes per code that is written.
struct CodePair {
  const std::uint8_t *a = nullptr, *b = nullptr;
  CodeUnit a_unit, b_unit;
};

/// Null pointers where no loops are written for an instruction set.
struct RequantizeKernels {
  void (*quads)(const SumQuads& sums, const GuessedGrid& grid, const Settler& settler) = nullptr;
  /// Of the first ⌊count / 16⌋ · 16 codes; returns how many these are.
  std::size_t (*sums)(const CodePair& pair, std::size_t count, const GuessedGrid& grid, const Settler& settler,
                      std::uint8_t* out) = nullptr;
};

/// The loops for QEVAL_TARGET_AVX2 and QEVAL_TARGET_AVX512.
extern const RequantizeKernels requantize_avx2, requantize_avx512;

}  // namespace qeval
