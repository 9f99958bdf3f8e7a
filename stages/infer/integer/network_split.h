#pragma once
/// Where a network on codes is split in two. The first layers have large values and few weights: taken a few images at
/// a time, what a step writes is still in the second-level cache when the next one reads it. The last ones have more
/// weights than values, and those are to be read once per batch. Thread-safety: free function.
#include <cstddef>
#include <vector>

#include "stages/infer/integer/buffer_assignment.h"
#include "stages/infer/integer/code_shape.h"

namespace qeval {

struct NetworkSplit {
  std::size_t steps = 0;  ///< of the head; may be none, or all
  int handover = -1;      ///< the one slot that the tail needs of it
  int images = 1;         ///< that go through the head at a time
};

/// `weight_bytes`: per step. `shapes`: per slot. The head is as long as its steps have at most as many bytes of weights
/// as of values per image and one value goes on; as many images at a time as its largest value fits into `cache_bytes`,
/// one at least.
NetworkSplit split_network(const std::vector<SlotUse>& uses, const std::vector<std::size_t>& weight_bytes,
                           const std::vector<CodeShape>& shapes, std::size_t cache_bytes);

}  // namespace qeval
