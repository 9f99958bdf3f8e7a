#include "stages/quant/analyzers/rescaled_histogram.h"

#include <algorithm>
#include <cmath>

namespace qeval {
namespace {

constexpr std::uint8_t state_version = 1;
constexpr std::size_t bins = 512;
constexpr float minimum_width = 0.01f;

std::size_t bin_of(float width, float min, float value) {
  const float position = (value - min) / width;
  if (!(width > 0) || !(position > 0)) return 0;
  return position < static_cast<float>(bins - 1) ? static_cast<std::size_t>(position) : bins - 1;
}

/// The bins that one source bin overlaps get their share, rounded, as long as something is left of it.
void spread_bin(double count, double start, double stop, double from_width, double to_min, double to_width,
                std::vector<double>& to) {
  const auto last = static_cast<double>(to.size() - 1);
  const auto from = static_cast<std::size_t>(std::clamp(std::floor((start - to_min) / to_width), 0.0, last));
  const auto until = static_cast<std::size_t>(std::clamp(std::ceil((stop - to_min) / to_width), 0.0, last));
  double rest = count;
  for (std::size_t i = from; i <= until; ++i) {
    const double begin = to_min + static_cast<double>(i) * to_width;
    const double end = to_min + static_cast<double>(i + 1) * to_width;
    const double overlap = (std::min(stop, end) - std::max(start, begin)) / from_width;
    const double moved = std::min(std::round(std::clamp(overlap, 0.0, 1.0) * count), rest);
    to[i] += moved;
    rest -= moved;
  }
}

}  // namespace

void RescaledHistogram::grow(double new_min, double new_max) {
  const double new_width = (new_max - new_min) / bins;
  const double old_width = (max_ - min_) / bins;
  std::vector<double> result(bins);
  for (std::size_t i = 0; i < bins; ++i) {
    if (counts_[i] == 0) continue;
    const double begin = min_ + old_width * static_cast<double>(i);
    const double end = new_min + new_width * (std::floor((begin - new_min) / new_width) + 1);
    const double moved = std::min(std::round((end - begin) / old_width * counts_[i]), counts_[i]);
    const auto place = [&](double value) {
      return bin_of(static_cast<float>(new_width), static_cast<float>(new_min), static_cast<float>(value));
    };
    result[place(begin)] += moved;
    if (moved < counts_[i]) result[place(begin + new_width)] += counts_[i] - moved;
  }
  counts_ = std::move(result);
  min_ = new_min;
  max_ = new_max;
}

void RescaledHistogram::observe(std::span<const float> values) {
  if (values.empty()) return;
  seen_ = true;
  const ValueRange range = value_range(values);
  if (range.min == 0 && range.max == 0) return;
  if (range.has_nan || !std::isfinite(range.min) || !std::isfinite(range.max))
    throw RunError("the values to observe contain infinities or NaN; check the weights and the preprocessing");
  const double low = range.min;
  const double high = range.min == range.max ? low + minimum_width : range.max;
  if (counts_.empty()) {
    counts_.resize(bins);
    min_ = low;
    max_ = high;
  }
  if (low < min_ || high > max_) grow(std::min(low, min_), std::max(high, max_));
  const auto width = static_cast<float>((max_ - min_) / bins);
  for (const float x : values) ++counts_[bin_of(width, static_cast<float>(min_), x)];
}

std::vector<double> spread_counts(const std::vector<double>& counts, double from_min, double from_max, double to_min,
                                  double to_max) {
  if (from_min == to_min && from_max == to_max) return counts;
  const auto number = static_cast<double>(counts.size());
  const double from_width = (from_max - from_min) / number;
  const double to_width = (to_max - to_min) / number;
  std::vector<double> result(counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    const auto index = static_cast<double>(i);
    spread_bin(counts[i], from_min + index * from_width, from_min + (index + 1) * from_width, from_width, to_min,
               to_width, result);
  }
  return result;
}

std::vector<std::uint8_t> RescaledHistogram::serialize(StateTag tag) const {
  StateWriter out(tag, state_version);
  out.put(static_cast<std::uint8_t>(seen_));
  out.put(static_cast<std::uint8_t>(!counts_.empty()));
  out.put(min_);
  out.put(max_);
  for (const double count : counts_) out.put(count);
  return out.take();
}

void RescaledHistogram::restore(std::span<const std::uint8_t> state, StateTag tag) {
  StateReader in(state, tag, state_version);
  RescaledHistogram read;
  read.seen_ = in.get<std::uint8_t>() != 0;
  if (in.get<std::uint8_t>() != 0) read.counts_.resize(bins);
  read.min_ = in.get<double>();
  read.max_ = in.get<double>();
  for (double& count : read.counts_) count = in.get<double>();
  in.expect_end();
  *this = std::move(read);
}

}  // namespace qeval
