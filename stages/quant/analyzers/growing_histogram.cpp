#include "stages/quant/analyzers/growing_histogram.h"

#include <algorithm>
#include <cmath>

namespace qeval {
namespace {

constexpr std::uint8_t state_version = 1;

/// Like torch: with contradicting limits the upper one wins.
float clamp(float value, float low, float high) { return std::min(std::max(value, low), high); }

std::size_t bin_number(float distance, float width, std::size_t bins) {
  const float number = distance / width;
  if (!(number > 0)) return 0;
  return number < static_cast<float>(bins - 1) ? static_cast<std::size_t>(number) : bins - 1;
}

}  // namespace

void GrowingHistogram::set_range(float min, float max) {
  min_ = min;
  max_ = max;
  const bool single = min == max;
  first_edge_ = single ? min - 0.5f : min;
  edge_step_ = ((single ? max + 0.5f : max) - first_edge_) / static_cast<float>(bins());
}

float GrowingHistogram::edge(std::size_t i) const { return static_cast<float>(i) * edge_step_ + first_edge_; }

void GrowingHistogram::start(std::span<const float> values, const ValueRange& range) {
  set_range(range.min, range.max);
  const float low = edge(0);
  const float high = edge(bins());
  const BinCounts counted = count_linear_clamped(values, low, high, bins());
  std::copy(counted.begin(), counted.end(), counts_.begin());
  const float width = high - low;
  left_limit_ = low - width * growth_limit_ / 2;
  right_limit_ = high + width * growth_limit_ / 2;
  empty_ = false;
}

/// Each old bin gives the part of its count that lies in the new bin of its left edge (rounded to whole values) to
/// that bin, and the rest to the new bin one new width further on.
std::vector<float> GrowingHistogram::rebinned(float new_min, float new_max) const {
  std::vector<float> result(bins());
  std::vector<float> rest(bins());
  const float new_width = (new_max - new_min) / static_cast<float>(bins());
  const float old_width = edge(1) - edge(0);
  for (std::size_t i = 0; i < bins(); ++i) {
    const float left = edge(i);
    const std::size_t target = bin_number(left - new_min, new_width, bins());
    const float target_end = new_min + new_width * static_cast<float>(target + 1);
    const float moved = std::min(std::nearbyint((target_end - left) / old_width * counts_[i]), counts_[i]);
    result[target] += moved;
    rest[i] = counts_[i] - moved;
  }
  for (std::size_t i = 0; i < bins(); ++i)
    if (rest[i] > 0) result[bin_number(edge(i) + new_width - new_min, new_width, bins())] += rest[i];
  return result;
}

void GrowingHistogram::observe(std::span<const float> values) {
  const ValueRange range = finite_range(values);
  if (range.min > range.max) return;
  if (empty_) return start(values, range);
  const float new_min = clamp(range.min, left_limit_, edge(0));
  const float new_max = clamp(range.max, edge(bins()), right_limit_);
  if (new_min != min_ || new_max != max_) counts_ = rebinned(new_min, new_max);
  const BinCounts counted = count_linear_clamped(values, new_min, new_max, bins());
  for (std::size_t i = 0; i < bins(); ++i) counts_[i] += static_cast<float>(counted[i]);
  set_range(new_min, new_max);
}

std::vector<std::uint8_t> GrowingHistogram::serialize(StateTag tag) const {
  StateWriter out(tag, state_version);
  out.put(static_cast<std::uint8_t>(empty_));
  if (empty_) return out.take();
  for (const float value : {min_, max_, left_limit_, right_limit_}) out.put(value);
  for (const float count : counts_) out.put(count);
  return out.take();
}

void GrowingHistogram::restore(std::span<const std::uint8_t> state, StateTag tag) {
  StateReader in(state, tag, state_version);
  GrowingHistogram read(bins(), growth_limit_);
  read.empty_ = in.get<std::uint8_t>() != 0;
  if (!read.empty_) {
    const auto min = in.get<float>();
    read.set_range(min, in.get<float>());
    read.left_limit_ = in.get<float>();
    read.right_limit_ = in.get<float>();
    for (float& count : read.counts_) count = in.get<float>();
  }
  in.expect_end();
  *this = read;
}

}  // namespace qeval
