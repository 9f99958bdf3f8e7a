#pragma once
/// Which weights keep the sum of their products with codes within 16 bits, whatever the codes are.
/// Thread-safety: free functions. Errors: none.
#include <algorithm>

namespace qeval {

/// 255 times the weights that are positive must be at most 32,767, 255 times the negative ones at least −32,768: their
/// sums, therefore, 128 and −128.
inline bool is_safe_pair(int w0, int w1) {
  return std::max(w0, 0) + std::max(w1, 0) <= 128 && std::min(w0, 0) + std::min(w1, 0) >= -128;
}

inline bool is_safe_four(int w0, int w1, int w2, int w3) {
  return std::max(w0, 0) + std::max(w1, 0) + std::max(w2, 0) + std::max(w3, 0) <= 128 &&
         std::min(w0, 0) + std::min(w1, 0) + std::min(w2, 0) + std::min(w3, 0) >= -128;
}

}  // namespace qeval
