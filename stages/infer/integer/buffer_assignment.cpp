#include "stages/infer/integer/buffer_assignment.h"

#include <cstddef>

namespace qeval {

BufferAssignment assign_buffers(const std::vector<SlotUse>& uses, int slots) {
  std::vector<std::size_t> last_use(static_cast<std::size_t>(slots), 0);
  for (std::size_t step = 0; step < uses.size(); ++step)
    for (const int slot : uses[step].reads) last_use[static_cast<std::size_t>(slot)] = step;

  BufferAssignment result;
  result.buffer_of.assign(static_cast<std::size_t>(slots), 0);
  std::vector<int> free;
  for (std::size_t step = 0; step < uses.size(); ++step) {
    if (const int written = uses[step].writes; written >= 0) {
      if (free.empty()) free.push_back(result.buffers++);
      result.buffer_of[static_cast<std::size_t>(written)] = free.back();
      free.pop_back();
    }
    for (std::size_t i = 0; i < uses[step].reads.size(); ++i) {
      const int slot = uses[step].reads[i];
      bool again = false;
      for (std::size_t earlier = 0; earlier < i; ++earlier) again = again || uses[step].reads[earlier] == slot;
      if (!again && last_use[static_cast<std::size_t>(slot)] == step)
        free.push_back(result.buffer_of[static_cast<std::size_t>(slot)]);
    }
  }
  return result;
}

}  // namespace qeval
