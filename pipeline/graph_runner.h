#pragma once
/// Builds one oneTBB flow graph from a description, runs it once, and checks its invariants.
///
/// Thread-safety: run_graph blocks its caller; one call per GraphSpec. Ownership: the spec's references must outlive
/// the call. Errors: the first exception of a stage, wrapped with stage and item or batch named (an Error keeps its
/// exit code); InternalError if an admitted item was not committed.
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
  std::function<std::unique_ptr<Payload>(const Batch&)> make_payload;  ///< called when a batch's first item is admitted
  int max_items_in_flight = 0;  ///< the one memory bound; must be ≥ batch_size. 0 = batch_size · (replicas + 2)
  int threads = 0;              ///< TBB threads; 0 = all cores
  const StopToken* stop = nullptr;   ///< polled by the source: when set, nothing more is admitted, the rest drains
  RunObserver* observer = nullptr;   ///< may be null
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
