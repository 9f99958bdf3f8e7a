#pragma once
/// What the encodings of a set span, tensor by tensor. Thread-safety: free function.
#include <cstddef>
#include <string>
#include <vector>

#include "storage/records.h"

namespace qeval {

struct TensorRange {
  std::string role, tensor;  ///< as EncodingRecord's
  int bits = 8;
  bool symmetric = false;
  std::size_t encodings = 0;  ///< of channels or blocks; 1: per tensor
  double min = 0, max = 0;    ///< of all of them together; NaN: half precision, which has no range
  /// It reaches more than outlier_factor times as far as half of the set's tensors of its kind, weights or activations.
  bool outlier = false;
};

inline constexpr double outlier_factor = 10;

/// In the order of the set's rows.
std::vector<TensorRange> tensor_ranges(const EncodingSetRecord& set);

}  // namespace qeval
