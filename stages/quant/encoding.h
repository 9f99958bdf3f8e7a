#pragma once
/// An encoding: the affine map between a real range and integer codes (AIMET's vocabulary).
#include <vector>

namespace qeval {

/// real = scale · (q + offset), q in 0 … 2^bits − 1. offset ≤ 0; symmetric 8 bit has offset −128 (strict −127).
struct Encoding {
  double min = 0, max = 0;
  double scale = 0;
  double offset = 0;
  int bits = 8;
  bool symmetric = false;
};

/// One entry per tensor quantizer, or one per channel. Empty = the quantizer saw no data and is off.
using EncodingList = std::vector<Encoding>;

/// One list per Graph::quantizers entry. An empty list switches that quantizer off.
using EncodingTable = std::vector<EncodingList>;

}  // namespace qeval
