#pragma once
/// What 8-bit codes of an activation stand for.
///
/// On a quantizer's grid, code q is (q + offset) · scale in f32, in every mode; behind a ReLU also max(·, 0) and so on.
/// Thread-safety: plain values. Errors: as make_qdq.
#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>

#include "stages/quant/arithmetic/quantize.h"

namespace qeval {

/// A value below `low` becomes `low`; what is then above `high` becomes `high`.
struct Limits {
  float low = -std::numeric_limits<float>::infinity(), high = std::numeric_limits<float>::infinity();
  float operator()(float value) const;
  /// First to these, then to `then`.
  Limits clamped(Limits then) const;
  bool operator==(const Limits&) const = default;
};

struct CodeMeaning {
  QdqParameters grid;
  Limits limits;

  float real(int code) const;
  std::array<float, 256> reals() const;
  bool on_grid() const { return limits == Limits(); }
  std::uint8_t zero_code() const { return static_cast<std::uint8_t>(-grid.offset); }
};

/// 256 new codes for 256 old ones.
using CodeMap = std::array<std::uint8_t, 256>;

/// Absent where codes would not fit into 8 bits: more levels, half precision, a grid without zero, and a grid whose
/// rounding leaves its own codes (up to aimet-2024, when min lies half-way between two).
std::optional<CodeMeaning> code_meaning(const Encoding& encoding, NumericsMode mode);

/// codes[i] on `grid`, whose codes fit into 8 bits, of values[i].
void write_codes(std::span<const float> values, const QdqParameters& grid, std::uint8_t* codes);

CodeMap codes_of_values(const std::array<float, 256>& values, const QdqParameters& grid);

/// The code on `grid` of every code's value.
CodeMap recoding(const CodeMeaning& from, const QdqParameters& grid);

}  // namespace qeval
