#include "stages/infer/integer/network_split.h"

#include <algorithm>
#include <set>

namespace qeval {
namespace {

std::size_t value_bytes(const SlotUse& use, const std::vector<CodeShape>& shapes) {
  std::size_t bytes = use.writes >= 0 ? shapes[static_cast<std::size_t>(use.writes)].bytes() : 0;
  for (const int slot : use.reads) bytes += shapes[static_cast<std::size_t>(slot)].bytes();
  return bytes;
}

std::vector<std::size_t> last_reads(const std::vector<SlotUse>& uses, std::size_t slots) {
  std::vector<std::size_t> last(slots, 0);
  for (std::size_t step = 0; step < uses.size(); ++step)
    for (const int slot : uses[step].reads) last[static_cast<std::size_t>(slot)] = step;
  return last;
}

}  // namespace

NetworkSplit split_network(const std::vector<SlotUse>& uses, const std::vector<std::size_t>& weight_bytes,
                           const std::vector<CodeShape>& shapes, std::size_t cache_bytes) {
  const std::vector<std::size_t> last = last_reads(uses, shapes.size());
  NetworkSplit split;
  std::set<int> alive;
  std::size_t largest = 1;
  for (std::size_t step = 0; step < uses.size() && weight_bytes[step] <= value_bytes(uses[step], shapes); ++step) {
    const int written = uses[step].writes;
    if (written >= 0) {
      alive.insert(written);
      largest = std::max(largest, shapes[static_cast<std::size_t>(written)].bytes());
    }
    std::erase_if(alive, [&](int slot) { return last[static_cast<std::size_t>(slot)] <= step && slot != written; });
    const bool ends = step + 1 == uses.size();
    if (!ends && alive.size() != 1) continue;
    split = {step + 1, ends ? -1 : *alive.begin(), static_cast<int>(std::max<std::size_t>(1, cache_bytes / largest))};
  }
  return split;
}

}  // namespace qeval
