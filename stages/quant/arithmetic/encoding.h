#pragma once
/// An encoding: the affine map between a real range and integer codes (AIMET's vocabulary).
#include <cmath>
#include <vector>

namespace qeval {

/// real = scale · (q + offset), q in 0 … 2^bits − 1. offset ≤ 0; symmetric 8 bit has offset −128 (strict −127).
struct Encoding {
  double min = 0, max = 0;
  double scale = 0;
  double offset = 0;
  int bits = 8;
  bool symmetric = false;
  bool float16 = false;  ///< no grid: values round to IEEE half precision. bits = 16, the other numbers are 0
};

/// A symmetric grid that leaves out its lowest code, so that it reaches equally far on both sides of zero.
inline bool is_strict_symmetric(const Encoding& encoding) {
  return encoding.symmetric && encoding.offset == 1 - std::ldexp(1.0, encoding.bits - 1);
}

/// The number of steps: 2^bits − 1, one less on a strict symmetric grid.
inline double highest_code(const Encoding& encoding) {
  return std::ldexp(1.0, encoding.bits) - (is_strict_symmetric(encoding) ? 2 : 1);
}

/// What a quantizer of data type float 16 has instead of a grid.
inline constexpr Encoding float16_encoding{.bits = 16, .float16 = true};

/// One entry per tensor quantizer, or one per channel, or one per block, in the order of TensorSlices::grid(). Empty =
/// the quantizer saw no data and is off.
using EncodingList = std::vector<Encoding>;

/// One list per Graph::quantizers entry. An empty list switches that quantizer off.
using EncodingTable = std::vector<EncodingList>;

/// False for −1, a node's mark for no quantizer.
inline bool is_on(int quantizer, const EncodingTable& encodings) {
  return quantizer >= 0 && !encodings[static_cast<std::size_t>(quantizer)].empty();
}

}  // namespace qeval
