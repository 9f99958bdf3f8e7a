#include "stages/flow/network_stages.h"

#include <algorithm>
#include <span>

namespace qeval {
namespace {

struct GoodImages {
  std::span<const float> values;
  int count = 0;
};

/// Moves the good images to the front of the slab, in order.
GoodImages compact_good_images(const Batch& batch, ImageBatch& data) {
  const std::size_t values = data.slab.size() / data.facts.size();
  int good = 0;
  for (int slot = 0; slot < batch.size; ++slot) {
    if (batch.failures[static_cast<std::size_t>(slot)]) continue;
    if (slot != good)
      std::copy_n(data.slab.begin() + static_cast<std::ptrdiff_t>(values * static_cast<std::size_t>(slot)), values,
                  data.slab.begin() + static_cast<std::ptrdiff_t>(values * static_cast<std::size_t>(good)));
    ++good;
  }
  return {std::span(data.slab).first(values * static_cast<std::size_t>(good)), good};
}

}  // namespace

std::vector<float> batch_logits(const Executor& executor, const ImageBatch& data, std::size_t classes) {
  const std::size_t capacity = data.outcomes.size();
  std::vector<float> logits(capacity * classes);
  executor.infer(data.slab, static_cast<int>(capacity), logits);
  return logits;
}

void InferStage::process(Batch& batch) {
  auto& data = static_cast<ImageBatch&>(*batch.payload);
  const auto classes = static_cast<std::size_t>(num_classes_);
  const std::vector<float> logits = batch_logits(executor_, data, classes);
  bool finite = true;
  for (std::size_t slot = 0; slot < static_cast<std::size_t>(batch.size); ++slot) {
    data.outcomes[slot] = top_k(std::span(logits).subspan(slot * classes, classes), scores_);
    finite = finite && (data.outcomes[slot].finite || batch.failures[slot]);
  }
  if (finite) data.slab = {};
}

void ObserveStage::process(Batch& batch) try {
  auto& data = static_cast<ImageBatch&>(*batch.payload);
  const GoodImages good = compact_good_images(batch, data);
  if (good.count > 0)
    executor_.observe(good.values, good.count, batch.ordinal, bank_);
  else
    bank_.finish_batch(batch.ordinal);
  data.slab = {};
  data.snapshot = bank_.take_snapshot(batch.ordinal);
} catch (...) {
  bank_.fail_batch(batch.ordinal);  // others wait for this batch's turn, which will not come
  throw;
}

void AdmitStage::process(Batch& batch) {
  auto& data = static_cast<ImageBatch&>(*batch.payload);
  const GoodImages good = compact_good_images(batch, data);
  if (good.count > 0) executor_.admit(static_cast<std::size_t>(batch.number), good.values, good.count);
  data.slab = {};
}

}  // namespace qeval
