#include <cstddef>

#include "stages/infer/kernels/dot_kernel.h"
#include "stages/infer/kernels/pair_limits.h"

namespace qeval {

std::int64_t saturating_pairs(std::span<const std::int8_t> weights) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i + 1 < weights.size(); i += 2) count += !is_safe_pair(weights[i], weights[i + 1]);
  return count;
}

}  // namespace qeval
