#pragma once
/// Counting loops of the observers: value range and 512-bin histograms of f32 data, with the counts of the scalar
/// definitions below. Thread-safety: free functions without state.
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

namespace qeval {

inline constexpr std::size_t histogram_bins = 512;
using HistogramCounts = std::array<std::uint32_t, histogram_bins>;

/// Smallest and largest value, NaN ignored; +inf and −inf where there is no value.
struct ValueRange {
  float min = std::numeric_limits<float>::infinity();
  float max = -std::numeric_limits<float>::infinity();
  bool has_nan = false;
};
ValueRange value_range(std::span<const float> values);

/// As value_range, over the finite values only.
ValueRange finite_range(std::span<const float> values);

/// AIMET 1.24's binning: the *nearest left edge*, index = round_half_away(float(x / step) − origin), a shift of half a
/// bin against containment. Values outside 0 … 511 and NaN are dropped. `origin` is float(first edge / step).
HistogramCounts count_nearest_edge(std::span<const float> values, float step, float origin);

/// torch.histc's binning on the CPU: index = int((x − lo)·512 / (hi − lo)), the last bin closed; NaN dropped.
/// Values below lo and above hi are counted into the first and the last bin, as aimet_torch 2 does.
HistogramCounts count_linear_clamped(std::span<const float> values, float lo, float hi);

}  // namespace qeval
