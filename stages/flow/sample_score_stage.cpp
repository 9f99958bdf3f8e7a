#include "stages/flow/sample_score_stage.h"

#include <span>

#include "stages/flow/image_payload.h"

namespace qeval {

void SampleScoreStage::process(Batch& batch) {
  auto& data = static_cast<ImageBatch&>(*batch.payload);
  const std::size_t capacity = data.outcomes.size(), classes = static_cast<std::size_t>(scores_.classes);
  std::vector<float> logits(capacity * classes);
  executor_.infer(data.slab, static_cast<int>(capacity), logits);
  data.slab = {};
  const std::size_t first = static_cast<std::size_t>(batch.number) * capacity;
  for (std::size_t slot = 0; slot < static_cast<std::size_t>(batch.size); ++slot)
    if (!batch.failures[slot]) scores_.set(first + slot, std::span(logits).subspan(slot * classes, classes), kind_);
}

}  // namespace qeval
