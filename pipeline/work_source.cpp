#include "pipeline/work_source.h"

#include <algorithm>

namespace qeval {

BatchPtr WorkSource::begin_batch() {
  auto begun = std::make_shared<BatchInFlight>();
  Batch& batch = begun->batch;
  batch.number = spec_.batch_numbers[next_batch_];
  batch.ordinal = static_cast<std::int64_t>(next_batch_);
  batch.first_index = batch.number * spec_.batch_size;
  batch.size = static_cast<int>(std::min<std::int64_t>(spec_.batch_size, spec_.item_count - batch.first_index));
  begun->unfinished = batch.size;
  ++next_batch_;
  return begun;
}

ItemPtr WorkSource::next() {
  if (slots_left() == 0) {
    current_.reset();
    if (exhausted() || stopped_) return nullptr;
    stopped_ = spec_.stop != nullptr && spec_.stop->requested();
    if (stopped_) return nullptr;
    current_ = begin_batch();
    next_slot_ = 0;
  }
  auto handed_out = std::make_shared<ItemInFlight>();
  handed_out->batch = current_;
  handed_out->item.batch = &current_->batch;
  handed_out->item.slot = next_slot_;
  handed_out->item.index = current_->batch.first_index + next_slot_;
  ++next_slot_;
  ++items_handed_out_;
  if (slots_left() == 0) current_.reset();
  return handed_out;
}

}  // namespace qeval
