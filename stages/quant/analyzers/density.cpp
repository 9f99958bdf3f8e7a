#include "stages/quant/analyzers/density.h"

#include <algorithm>
#include <cmath>

namespace qeval {
namespace {

constexpr std::uint8_t state_version = 2;  // 1: edges as float
constexpr std::size_t classic_bins = 512, aligned_bins = 1536;
constexpr float minimum_width = 0.01f;

}  // namespace

DensityLayout density_layout(NumericsMode mode) {
  if (mode == NumericsMode::aimet_onnx_2) return DensityLayout::zero_aligned;
  return mode == NumericsMode::aimet_2024 ? DensityLayout::double_edges : DensityLayout::float_edges;
}

Density::Density(DensityLayout layout)
    : layout_(layout), probability_(layout == DensityLayout::zero_aligned ? aligned_bins : classic_bins) {}

double Density::left(std::size_t bin) const {
  switch (layout_) {
    case DensityLayout::float_edges:
      return static_cast<float>(start_) + static_cast<float>(bin) * static_cast<float>(bucket_);
    case DensityLayout::double_edges: return start_ + static_cast<double>(bin) * bucket_;
    case DensityLayout::zero_aligned: break;
  }
  return (start_ + static_cast<double>(bin)) * bucket_;
}

void Density::fix_range(const ValueRange& range) {
  float min = range.min;
  float max = range.max;
  if (min == max) max = std::max(max, min + minimum_width);
  const float center = (max + min) / 2;
  min = center - 3 * (center - min);
  max = center + 3 * (max - center);
  const auto number = static_cast<float>(bins());
  if (!std::isfinite(min) || !std::isfinite((max - min) / number))
    throw RunError(
        "the values to observe contain infinities, only NaN, or numbers too large for a histogram; check the weights "
        "and the preprocessing");
  const double width = (static_cast<double>(max) - static_cast<double>(min)) / number;
  bucket_ = layout_ == DensityLayout::float_edges ? (max - min) / number : width;
  start_ = layout_ == DensityLayout::zero_aligned ? std::floor(min / width) : min;
  has_range_ = true;
}

BinCounts Density::count(std::span<const float> values) const {
  if (layout_ == DensityLayout::zero_aligned)
    return count_containing(values, static_cast<float>(1 / bucket_), static_cast<float>(start_), bins());
  const float width = step();
  return count_nearest_edge(values, width, static_cast<float>(left(0)) / width, bins());
}

void Density::observe(std::span<const float> values) {
  if (values.empty()) return;
  if (!has_range_) {
    const ValueRange range = value_range(values);
    if (range.min == 0 && range.max == 0) {
      seen_zeros_ = true;
      return;
    }
    fix_range(range);
  }
  const BinCounts counts = count(values);
  const auto total = static_cast<double>(values.size());
  for (std::size_t i = 0; i < bins(); ++i)
    probability_[i] = (probability_[i] * batches_ + static_cast<double>(counts[i]) / total) / (batches_ + 1);
  ++batches_;
}

Density::Range Density::observed_range() const {
  const auto& p = probability_;
  std::size_t lowest = 0;
  while (lowest < bins() && !(p[lowest] > 0)) ++lowest;
  std::size_t highest = bins() - 1;
  while (highest > 0 && !(p[highest] > 0)) --highest;
  const float min = std::min(static_cast<float>(left(lowest == bins() ? 0 : lowest)), 0.0f);
  const float max = std::max(static_cast<float>(left(highest == 0 ? bins() - 1 : highest)), 0.0f);
  return {min, std::max(max, min + minimum_width)};
}

std::vector<std::uint8_t> Density::serialize(StateTag tag) const {
  StateWriter out(tag, state_version);
  out.put(static_cast<std::uint8_t>(has_range_));
  out.put(static_cast<std::uint8_t>(seen_zeros_));
  out.put(start_);
  out.put(bucket_);
  out.put(batches_);
  if (has_range_)
    for (const double p : probability_) out.put(p);
  return out.take();
}

void Density::restore(std::span<const std::uint8_t> state, StateTag tag) {
  StateReader in(state, tag, state_version);
  Density read(layout_);
  read.has_range_ = in.get<std::uint8_t>() != 0;
  read.seen_zeros_ = in.get<std::uint8_t>() != 0;
  read.start_ = in.get<double>();
  read.bucket_ = in.get<double>();
  read.batches_ = in.get<std::int32_t>();
  if (read.has_range_)
    for (double& p : read.probability_) p = in.get<double>();
  in.expect_end();
  *this = read;
}

}  // namespace qeval
