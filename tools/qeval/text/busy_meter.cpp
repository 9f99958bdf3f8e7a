#include "tools/qeval/text/busy_meter.h"

namespace qeval {

BusyMeter::BusyMeter(const std::vector<MeteredNode>& nodes) : nodes_(nodes), meters_(nodes.size()) {}

void BusyMeter::add(int node, std::int64_t nanoseconds) {
  meters_.at(static_cast<std::size_t>(node)).busy_ns.fetch_add(nanoseconds, std::memory_order_relaxed);
}

std::string BusyMeter::busiest(std::chrono::steady_clock::time_point now) {
  if (!answer_.empty() && now - last_look_ < std::chrono::seconds(1)) return answer_;
  double most = 0;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const std::int64_t total_ns = meters_[i].busy_ns.load(std::memory_order_relaxed);
    const double use = static_cast<double>(total_ns - meters_[i].at_last_look_ns) / nodes_[i].capacity;
    meters_[i].at_last_look_ns = total_ns;
    if (use <= most) continue;
    most = use;
    answer_ = nodes_[i].name;
  }
  last_look_ = now;
  return answer_;
}

}  // namespace qeval
