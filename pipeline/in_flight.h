#pragma once
/// The two messages of the graph: handles to an item and to a batch on their way through it.
/// Ownership: items share their batch; the last item to finish hands it on, the commit node lets it go.
#include <atomic>
#include <cstdint>
#include <memory>

#include "pipeline/stage.h"

namespace qeval {

struct BatchInFlight {
  Batch batch;
  bool opened = false;             ///< failures and payload made; only the serial admission node looks
  std::atomic<int> unfinished{0};  ///< items that have not left their last stage
};
using BatchPtr = std::shared_ptr<BatchInFlight>;

struct ItemInFlight {
  Item item;
  BatchPtr batch;  ///< given up when the item has left its last stage
};
using ItemPtr = std::shared_ptr<ItemInFlight>;

/// How an error message calls a piece of work.
struct WorkName {
  const char* unit;
  std::int64_t number;
};
inline WorkName name_of(const ItemInFlight& message) { return {"item", message.item.index}; }
inline WorkName name_of(const BatchInFlight& message) { return {"batch", message.batch.number}; }

}  // namespace qeval
