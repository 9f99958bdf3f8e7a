#pragma once
/// Two sets of encodings, quantizer by quantizer: whose ranges disagree, and by how much. Plain values, free functions.
#include <string>
#include <vector>

#include "stages/quant/files/encodings_file.h"

namespace qeval {

/// One quantizer that both sets have. Of several channels the one that disagrees most stands for it.
struct EncodingDifference {
  std::string name;
  int channel = -1;     ///< −1: per tensor
  double distance = 0;  ///< share of the range of both together that is not common to both; 0 = equal, 1 = disjoint
  Encoding first, second;
  std::string settings;  ///< "8/4 bit, 3/1 encodings"; empty if equal. Beside another number of channels distance is 1
};

struct EncodingsDiff {
  std::vector<EncodingDifference> common;  ///< largest distance first, then by name
  std::vector<std::string> only_first, only_second;
};

EncodingsDiff diff_encodings(const EncodingsFile& first, const EncodingsFile& second);

/// 1 − common range / range of both together; 0 if both are one point.
double range_distance(const Encoding& first, const Encoding& second);

/// Both ranges on one axis of `width` cells from the lower minimum to the upper maximum: the upper half of a cell is
/// the first range's, the lower half the second's. Without Unicode: A, B, and # for both.
std::string range_bars(const Encoding& first, const Encoding& second, int width, bool unicode);

}  // namespace qeval
