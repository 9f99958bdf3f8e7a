#include "stages/flow/sample_score_stage.h"

#include <span>

#include "stages/flow/network_stages.h"

namespace qeval {

void SampleScoreStage::process(Batch& batch) {
  auto& data = static_cast<ImageBatch&>(*batch.payload);
  const auto classes = static_cast<std::size_t>(scores_.classes);
  const std::vector<float> logits = batch_logits(executor_, data, classes);
  data.slab = {};
  const std::size_t first = static_cast<std::size_t>(batch.number) * data.outcomes.size();
  for (std::size_t slot = 0; slot < static_cast<std::size_t>(batch.size); ++slot)
    if (!batch.failures[slot]) scores_.set(first + slot, std::span(logits).subspan(slot * classes, classes), kind_);
}

}  // namespace qeval
