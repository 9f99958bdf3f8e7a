#pragma once
/// Batches and items as the engine would hand them to the stages of an image job.
#include <memory>
#include <string>

#include "pipeline/base/errors.h"
#include "stages/flow/image_payload.h"

namespace qeval::test {

/// `size` images, the first of them number `first_index`, in a batch of `capacity` slots with `values` floats each.
inline Batch make_batch(std::int64_t first_index, int size, int capacity, std::size_t values) {
  Batch batch;
  batch.first_index = first_index;
  batch.size = size;
  batch.failures.resize(static_cast<std::size_t>(size));
  batch.payload = std::make_unique<ImageBatch>(capacity, values);
  return batch;
}

inline ImageBatch& data_of(Batch& batch) { return static_cast<ImageBatch&>(*batch.payload); }

inline Item make_item(Batch& batch, int slot) {
  Item item;
  item.index = batch.first_index + slot;
  item.slot = slot;
  item.batch = &batch;
  return item;
}

}  // namespace qeval::test
