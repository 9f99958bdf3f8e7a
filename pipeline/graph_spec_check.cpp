#include "pipeline/graph_spec_check.h"

#include <algorithm>
#include <limits>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

void check_numbers(const GraphSpec& spec) {
  if (spec.batch_size < 1) throw UsageError("batch size must be at least 1, got " + std::to_string(spec.batch_size));
  if (spec.threads < 0) throw UsageError("thread count must not be negative, got " + std::to_string(spec.threads));
  if (spec.max_items_in_flight != 0 && spec.max_items_in_flight < spec.batch_size)
    throw UsageError("items in flight are limited to " + std::to_string(spec.max_items_in_flight) +
                     ", but one batch holds " + std::to_string(spec.batch_size) +
                     ": raise the limit to at least the batch size");
  if (spec.batch_node.concurrency < 1)
    throw UsageError("stage '" + spec.batch_node.name + "' needs a concurrency of at least 1");
  for (const ItemNode& node : spec.item_nodes)
    if (node.concurrency < 0)
      throw UsageError("stage '" + node.name + "' has a negative concurrency; 0 means unlimited");
}

void check_stages(const GraphSpec& spec) {
  const auto lacks_stage = [](const ItemNode& node) { return node.stage == nullptr; };
  if (spec.item_nodes.empty() || std::any_of(spec.item_nodes.begin(), spec.item_nodes.end(), lacks_stage) ||
      spec.batch_node.stage == nullptr || spec.sink_node.sink == nullptr)
    throw InternalError("a graph needs at least one item stage, a batch stage and a sink");
}

void check_plan(const GraphSpec& spec) {
  std::int64_t previous = -1;
  for (const std::int64_t number : spec.batch_numbers) {
    if (number <= previous) throw InternalError("the batch numbers of a graph must ascend from 0");
    previous = number;
  }
  const std::int64_t batches = spec.item_count / spec.batch_size + (spec.item_count % spec.batch_size != 0);
  if (previous >= batches)
    throw InternalError("batch " + std::to_string(previous) + " is planned, but " + std::to_string(spec.item_count) +
                        " items make " + std::to_string(batches) + " batches");
}

}  // namespace

void check_graph_spec(const GraphSpec& spec) {
  check_numbers(spec);
  check_stages(spec);
  check_plan(spec);
}

int items_in_flight_bound(const GraphSpec& spec) {
  if (spec.max_items_in_flight != 0) return spec.max_items_in_flight;
  const std::int64_t bound = std::int64_t{spec.batch_size} * (std::int64_t{spec.batch_node.concurrency} + 2);
  return static_cast<int>(std::min<std::int64_t>(bound, std::numeric_limits<int>::max()));
}

}  // namespace qeval
