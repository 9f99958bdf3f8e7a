#include "stages/quant/analyzers/density_1_24.h"

#include <algorithm>
#include <cmath>

#include "stages/quant/analyzers/state_codec.h"

namespace qeval {
namespace {
constexpr std::uint8_t state_version = 1;
}

void Density124::fix_range(const ValueRange& range) {
  float min = range.min;
  float max = range.max;
  if (min == max) max = std::max(max, min + 0.01f);
  const float center = (max + min) / 2;
  min = center - 3 * (center - min);
  max = center + 3 * (max - center);
  const float bucket = (max - min) / static_cast<float>(histogram_bins);
  if (!std::isfinite(min) || !std::isfinite(bucket))
    throw RunError(
        "the values to observe contain infinities, only NaN, or numbers too large for a histogram; check the weights "
        "and the preprocessing");
  start_ = min;
  bucket_ = bucket;
  has_range_ = true;
}

void Density124::observe(std::span<const float> values) {
  if (values.empty()) return;
  if (!has_range_) {
    const ValueRange range = value_range(values);
    if (range.min == 0 && range.max == 0) {
      seen_zeros_ = true;
      return;
    }
    fix_range(range);
  }
  const float width = step();
  const HistogramCounts counts = count_nearest_edge(values, width, left(0) / width);
  const auto total = static_cast<double>(values.size());
  for (std::size_t i = 0; i < histogram_bins; ++i)
    probability_[i] = (probability_[i] * batches_ + static_cast<double>(counts[i]) / total) / (batches_ + 1);
  ++batches_;
}

std::vector<std::uint8_t> Density124::serialize() const {
  StateWriter out(StateTag::tf_enhanced_1_24, state_version);
  out.put(static_cast<std::uint8_t>(has_range_));
  out.put(static_cast<std::uint8_t>(seen_zeros_));
  out.put(start_);
  out.put(bucket_);
  out.put(batches_);
  if (has_range_) out.put(probability_);
  return out.take();
}

void Density124::restore(std::span<const std::uint8_t> state) {
  StateReader in(state, StateTag::tf_enhanced_1_24, state_version);
  Density124 read;
  read.has_range_ = in.get<std::uint8_t>() != 0;
  read.seen_zeros_ = in.get<std::uint8_t>() != 0;
  read.start_ = in.get<float>();
  read.bucket_ = in.get<float>();
  read.batches_ = in.get<std::int32_t>();
  if (read.has_range_) read.probability_ = in.get<std::array<double, histogram_bins>>();
  in.expect_end();
  *this = read;
}

}  // namespace qeval
