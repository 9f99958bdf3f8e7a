#pragma once
/// Per-image outcome of a classifier, from its logits. Ties: the lower class index wins. A row with a NaN can never be
/// right: all classes are −1.
#include <array>
#include <span>

namespace qeval {

struct TopK {
  std::array<int, 5> classes{-1, -1, -1, -1, -1};  ///< best first; −1 where there are fewer classes
  float probability = 0;  ///< softmax of the best, computed in double
  float margin = 0;       ///< softmax of the best minus that of the second
};

TopK top_k(std::span<const float> logits);

}  // namespace qeval
