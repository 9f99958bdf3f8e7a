#pragma once
/// Hands out the planned items, batch by batch.
///
/// Thread-safety: next() must not run twice at once (the graph's source node is serial); read the rest when it is idle.
/// A stop request is honoured only between two batches, so that every batch begun can be committed.
#include <cstddef>
#include <cstdint>

#include "pipeline/graph_runner.h"
#include "pipeline/in_flight.h"

namespace qeval {

class WorkSource {
 public:
  explicit WorkSource(const GraphSpec& spec) : spec_(spec) {}

  /// The next item, or null when there is none or a stop was requested. Runs under a spin lock: it only counts and
  /// makes two small objects.
  ItemPtr next();

  std::int64_t items_handed_out() const { return items_handed_out_; }
  bool exhausted() const { return next_batch_ == spec_.batch_numbers.size() && slots_left() == 0; }
  bool stopped() const { return stopped_; }

 private:
  int slots_left() const { return current_ ? current_->batch.size - next_slot_ : 0; }
  BatchPtr begin_batch();

  const GraphSpec& spec_;
  std::size_t next_batch_ = 0;
  BatchPtr current_;
  int next_slot_ = 0;
  std::int64_t items_handed_out_ = 0;
  bool stopped_ = false;
};

}  // namespace qeval
