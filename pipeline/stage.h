#pragma once
/// The three interfaces a job is made of, and the two values that travel between them.
///
///   source → limiter → ItemStage … ItemStage → (batch complete) → BatchStage → (order restored) → BatchSink
///
/// Threading contract
///  * ItemStage::process runs concurrently on different items, never twice at once on one item.
///  * BatchStage::process runs concurrently on different batches (up to the node's concurrency); calls START in
///    batch order, so the oldest batch in flight is always running or finished.
///  * BatchSink::commit runs alone, in batch order.
///  * Between two stages an item or batch has one owner; no locking is needed on its fields. Item stages of one
///    batch may write to disjoint slots of Batch::payload at the same time.
///  * No stage may block on work that a later item or batch must do, nor keep thread-local state across a nested wait.
///
/// Errors: an ItemStage that throws ItemError marks that item failed; it keeps its slot and flows on, skipped by later
/// item stages. Any other exception ends the run, with stage and item named.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace qeval {

/// What a job attaches to an item or a batch. The engine owns it and never looks inside.
struct Payload {
  virtual ~Payload() = default;
};

struct ItemFailure {
  std::string stage;    ///< name of the stage that failed
  std::string kind;     ///< short stable word, see ItemError
  std::string message;  ///< for the user
};

/// A fixed run of consecutive items: number = index / batch_size, whatever was done before this run.
struct Batch {
  std::int64_t number = 0;                           ///< identity of the batch in the data set; what is stored
  std::int64_t ordinal = 0;                          ///< dense 0-based position in this run's plan
  std::int64_t first_index = 0;                      ///< index of slot 0 in the manifest
  int size = 0;                                      ///< items present; less than the batch size only in the last batch
  std::vector<std::optional<ItemFailure>> failures;  ///< one per slot
  std::unique_ptr<Payload> payload;                  ///< made by GraphSpec::make_payload, e.g. an input slab
};

/// One item in flight. Freed when its last item stage returns.
struct Item {
  std::int64_t index = 0;  ///< position in the manifest
  int slot = 0;            ///< position in its batch
  Batch* batch = nullptr;  ///< outlives the item
  std::unique_ptr<Payload> payload;
};

class ItemStage {
 public:
  virtual ~ItemStage() = default;
  virtual void process(Item& item) const = 0;
};

class BatchStage {
 public:
  virtual ~BatchStage() = default;
  virtual void process(Batch& batch) = 0;
};

class BatchSink {
 public:
  virtual ~BatchSink() = default;
  virtual void commit(Batch& batch) = 0;
};

}  // namespace qeval
