#pragma once
/// Counting loops of the observers: value range and histograms of f32 data, with the counts of the scalar definitions
/// below. Thread-safety: free functions without state.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace qeval {

/// One count per bin.
using BinCounts = std::vector<std::uint32_t>;

/// Smallest and largest value, NaN ignored; +inf and −inf where there is no value.
struct ValueRange {
  float min = std::numeric_limits<float>::infinity();
  float max = -std::numeric_limits<float>::infinity();
  bool has_nan = false;
};
ValueRange value_range(std::span<const float> values);

/// No NaN, no infinity.
bool all_finite(std::span<const float> values);

/// As value_range, over the finite values only.
ValueRange finite_range(std::span<const float> values);

/// DlQuantization's binning up to 2024: the *nearest left edge*, index = round_half_away(float(x / step) − origin), a
/// shift of half a bin against containment. Values outside the bins and NaN are dropped. `origin` is
/// float(first edge / step).
BinCounts count_nearest_edge(std::span<const float> values, float step, float origin, std::size_t bins);

/// aimet-onnx 2.42's binning: index = floor(x · inverse) − first, in f32. Values outside the bins and NaN are dropped.
BinCounts count_containing(std::span<const float> values, float inverse, float first, std::size_t bins);

/// torch.histc's binning on the CPU: index = int((x − lo)·bins / (hi − lo)), the last bin closed; NaN dropped.
/// Values below lo and above hi are counted into the first and the last bin, as aimet_torch 2 does.
BinCounts count_linear_clamped(std::span<const float> values, float lo, float hi, std::size_t bins);

}  // namespace qeval
