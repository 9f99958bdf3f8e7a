#pragma once
/// Builds one oneTBB flow graph from a description, runs it once, and checks its invariants.
///
/// Thread-safety: run_graph blocks its caller; one call per GraphSpec. Ownership: the spec's references must outlive
/// the call. Errors: UsageError for a bound, batch size or thread count out of range; InternalError for a spec that
/// breaks its contract, and when an admitted item was not committed; the first exception of a stage, as an Error that
/// names the stage and the item or batch (an Error keeps its exit code, std::logic_error is internal, all else is
/// run_failed).
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "pipeline/run_observer.h"
#include "pipeline/stage.h"
#include "pipeline/stop_token.h"

namespace qeval {

struct ItemNode {
  std::string name;  ///< shown in errors and progress
  const ItemStage* stage = nullptr;
  int concurrency = 0;  ///< bodies at once; 0 = unlimited
};

struct BatchNode {
  std::string name;
  BatchStage* stage = nullptr;
  int concurrency = 1;  ///< replicas
};

struct SinkNode {
  std::string name;
  BatchSink* sink = nullptr;
};

struct GraphSpec {
  std::int64_t item_count = 0;              ///< items in the manifest
  int batch_size = 1;                       ///< items per batch
  std::vector<std::int64_t> batch_numbers;  ///< what is left to do, ascending
  std::vector<ItemNode> item_nodes;         ///< in order; at least one
  BatchNode batch_node;
  SinkNode sink_node;
  /// Called serially, when a batch's first item is admitted; its result is freed when the batch is committed.
  std::function<std::unique_ptr<Payload>(const Batch&)> make_payload;
  /// Called once when a stage ends the run, from the failing body and before the graph is cancelled: a job whose batch
  /// stage waits for an older batch wakes its waiters here. Must not throw.
  std::function<void()> on_failure;
  int max_items_in_flight = 0;      ///< the one memory bound; must be ≥ batch_size. 0 = batch_size · (replicas + 2)
  int threads = 0;                  ///< TBB threads; 0 = all cores
  const StopToken* stop = nullptr;  ///< when set, no further batch is begun and the rest drains; may be null
  RunObserver* observer = nullptr;  ///< may be null
};

struct GraphSummary {
  std::int64_t items_admitted = 0;
  std::int64_t items_committed = 0;
  std::int64_t batches_committed = 0;
  bool stopped = false;  ///< ended early because of the stop token, everything admitted was committed
};

/// The bound run_graph will use: spec.max_items_in_flight, or its default.
int items_in_flight_bound(const GraphSpec& spec);

GraphSummary run_graph(const GraphSpec& spec);

}  // namespace qeval
