#include "stages/infer/integer/integer_network.h"

#include <algorithm>
#include <utility>

namespace qeval {

IntegerNetwork::IntegerNetwork(std::vector<std::unique_ptr<IntegerStep>> steps, BufferAssignment buffers)
    : steps_(std::move(steps)), buffers_(std::move(buffers)) {}

std::unique_ptr<Workspace> IntegerNetwork::take() const {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<Workspace>(buffers_.buffer_of, static_cast<std::size_t>(buffers_.buffers));
  auto workspace = std::move(idle_.back());
  idle_.pop_back();
  return workspace;
}

void IntegerNetwork::give(std::unique_ptr<Workspace> workspace) const {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(workspace));
}

void IntegerNetwork::infer(std::span<const float> images, int n, std::span<float> logits) const {
  auto workspace = take();
  workspace->begin(n, images, logits);
  for (const auto& step : steps_) step->run(*workspace);
  give(std::move(workspace));
}

std::string float_nodes_text(const IntegerPlan& plan) {
  constexpr std::size_t shown = 3;
  std::string text;
  for (std::size_t i = 0; i < std::min(shown, plan.float_nodes.size()); ++i)
    text += (i == 0 ? "" : "; ") + plan.float_nodes[i].node + ": " + plan.float_nodes[i].reason;
  if (plan.float_nodes.size() > shown) text += "; and " + std::to_string(plan.float_nodes.size() - shown) + " more";
  return text;
}

}  // namespace qeval
