#include "stages/metrics/reliability.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace qeval {

std::vector<ReliabilityBin> reliability_bins(std::span<const RatedAnswer> answers, int bins) {
  std::vector<ReliabilityBin> all(static_cast<std::size_t>(bins));
  for (int bin = 0; bin < bins; ++bin) {
    all[static_cast<std::size_t>(bin)].low = static_cast<double>(bin) / bins;
    all[static_cast<std::size_t>(bin)].high = static_cast<double>(bin + 1) / bins;
  }
  for (const auto& [probability, right] : answers) {
    if (!(probability >= 0 && probability <= 1)) continue;
    const auto above = static_cast<int>(std::ceil(probability * bins));
    ReliabilityBin& bin = all[static_cast<std::size_t>(std::clamp(above - 1, 0, bins - 1))];
    ++bin.images;
    bin.right += right;
    bin.probability_sum += probability;
  }
  std::erase_if(all, [](const ReliabilityBin& bin) { return bin.images == 0; });
  return all;
}

double expected_calibration_error(std::span<const ReliabilityBin> bins) {
  double distances = 0;
  std::int64_t images = 0;
  for (const ReliabilityBin& bin : bins) {
    distances += std::abs(static_cast<double>(bin.right) - bin.probability_sum);
    images += bin.images;
  }
  return images == 0 ? 0 : distances / static_cast<double>(images);
}

}  // namespace qeval
