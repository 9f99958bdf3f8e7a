#include "jobs/run/not_finite_images.h"

#include <fmt/core.h>

#include "stages/flow/image_payload.h"

namespace qeval {

const std::string& NotFiniteImages::explain(const Batch& batch, std::size_t slot) {
  if (!explanation_.empty()) return explanation_;
  const auto& data = static_cast<const ImageBatch&>(*batch.payload);
  const std::string node =
      executor_.first_not_finite(data.slab, static_cast<int>(data.outcomes.size()), static_cast<int>(slot));
  const auto& image = manifest_.entries[static_cast<std::size_t>(batch.first_index) + slot];
  explanation_ = fmt::format("the logits are NaN or infinite, in {} from node {} on", image.name, node);
  return explanation_;
}

}  // namespace qeval
