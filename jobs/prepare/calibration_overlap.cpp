#include "jobs/prepare/calibration_overlap.h"

#include <algorithm>
#include <set>

#include <fmt/core.h>

namespace qeval {

std::int64_t calibration_overlap(const VariantImages& images) {
  std::set<Sha256Digest> evaluated;
  if (!images.calibration.entries.empty())
    for (const ManifestEntry& entry : images.evaluation.entries)
      if (entry.content == ImageContent::read) evaluated.insert(entry.sha256);
  return std::count_if(images.calibration.entries.begin(), images.calibration.entries.end(),
                       [&](const ManifestEntry& entry) {
                         return entry.content == ImageContent::read && evaluated.count(entry.sha256) != 0;
                       });
}

std::string calibration_overlap_text(const VariantImages& images) {
  const std::int64_t both = calibration_overlap(images);
  if (both == 0) return "";
  return fmt::format(
      "note: {} of {} calibration images are also evaluated, so the ranges were fitted to images that they are judged "
      "by; calibrate on others before you claim the score",
      both, images.calibration.entries.size());
}

}  // namespace qeval
