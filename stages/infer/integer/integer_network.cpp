#include "stages/infer/integer/integer_network.h"

#include <algorithm>
#include <utility>

namespace qeval {

namespace {

/// Codes of some images, from a workspace of theirs to that of the whole batch.
void hand_over(const Slot& slot, Workspace& from, int first, Workspace& to) {
  const std::size_t image = static_cast<std::size_t>(slot.shape.pixels()) * lanes;
  const std::size_t some = image * static_cast<std::size_t>(from.images());
  const std::size_t all = image * static_cast<std::size_t>(to.images());
  const std::uint8_t* source = from.codes(slot);
  std::uint8_t* target = to.codes(slot) + image * static_cast<std::size_t>(first);
  for (int quad = 0; quad < slot.shape.quads(); ++quad, source += some, target += all)
    std::copy_n(source, some, target);
}

}  // namespace

std::unique_ptr<IntegerNetwork::Workspaces> IntegerNetwork::take() const {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) {
    auto workspaces = std::make_unique<Workspaces>();
    for (const NetworkPart& part : parts_)
      workspaces->emplace_back(part.buffers.buffer_of, static_cast<std::size_t>(part.buffers.buffers));
    return workspaces;
  }
  auto workspaces = std::move(idle_.back());
  idle_.pop_back();
  return workspaces;
}

void IntegerNetwork::give(std::unique_ptr<Workspaces> workspaces) const {
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(workspaces));
}

void IntegerNetwork::run_part(std::size_t number, Workspaces& workspaces, std::span<const float> images, int n,
                              std::span<float> logits) const {
  const NetworkPart& part = parts_[number];
  const auto count = static_cast<std::size_t>(n), image = images.size() / count, row = logits.size() / count;
  const int at_once = part.images == 0 ? n : part.images;
  for (int first = 0; first < n; first += at_once) {
    const int some = std::min(at_once, n - first);
    const auto begin = static_cast<std::size_t>(first), length = static_cast<std::size_t>(some);
    Workspace& workspace = workspaces[number];
    workspace.begin(some, images.subspan(begin * image, length * image), logits.subspan(begin * row, length * row));
    for (const auto& step : part.steps) step->run(workspace);
    if (part.handover.number >= 0) hand_over(part.handover, workspace, first, workspaces[number + 1]);
  }
}

void IntegerNetwork::infer(std::span<const float> images, int n, std::span<float> logits) const {
  auto workspaces = take();
  for (Workspace& workspace : *workspaces) workspace.begin(n, images, logits);
  for (std::size_t number = 0; number < parts_.size(); ++number) run_part(number, *workspaces, images, n, logits);
  give(std::move(workspaces));
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
