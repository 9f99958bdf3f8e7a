#pragma once
/// Which values share memory: those that are never needed at the same time. Thread-safety: free function.
#include <vector>

namespace qeval {

/// Of one step: the slots that it reads and the one that it writes, −1 if none.
struct SlotUse {
  std::vector<int> reads;
  int writes = -1;
};

struct BufferAssignment {
  std::vector<int> buffer_of;  ///< per slot; 0 for slots that nobody uses
  int buffers = 0;
};

/// `uses`: one per step, in order. What a step writes shares nothing with what it reads.
BufferAssignment assign_buffers(const std::vector<SlotUse>& uses, int slots);

}  // namespace qeval
