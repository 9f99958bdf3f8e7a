#include "stages/quant/arithmetic/histogram.h"

#include <algorithm>
#include <cmath>

#include "stages/quant/arithmetic/isa_dispatch.h"
#include "stages/quant/arithmetic/rounding.h"

namespace qeval {
namespace {

constexpr std::size_t lanes =
    64;  // independent minima and maxima, so that the loop vectorizes without reordering rules
constexpr std::size_t block = 512;     // values whose bin numbers are computed before they are counted
constexpr std::size_t extra = 16;      // slots for below, above and dropped; pads to whole cache lines
constexpr std::size_t first = 1;       // slot of bin 0
constexpr std::int32_t below = -1;     // bin number of the slot before bin 0; `bins` is above, `bins` + 1 is dropped
constexpr std::size_t interleave = 8;  // sub-histograms: equal neighbours do not wait for each other's increment
constexpr std::size_t small = 4096;    // fewer values than this do not repay clearing all sub-histograms

// A binning is two steps, each a loop of its own: in one loop the compiler threads the comparisons into branches.
// place() gives a position clamped to [below, bins + 1], bin() its bin number.

struct NearestEdge {
  float step, origin, bins;

  /// NaN goes below: all values out of range are dropped here.
  [[gnu::always_inline]] inline float place(float x) const {
    const float position = x / step - origin;
    const float safe = position > -1.0f ? position : -1.0f;
    return safe < bins ? safe : bins;
  }
  [[gnu::always_inline]] static inline std::int32_t bin(float position) { return round_half_away_to_int(position); }
};

struct Containing {
  float inverse, first, bins;

  /// NaN goes below: all values out of range are dropped here.
  [[gnu::always_inline]] inline float place(float x) const {
    const float position = std::floor(x * inverse) - first;
    const float safe = position > -1.0f ? position : -1.0f;
    return safe < bins ? safe : bins;
  }
  [[gnu::always_inline]] static inline std::int32_t bin(float position) { return static_cast<std::int32_t>(position); }
};

struct LinearClamped {
  float lo, hi, bins;

  [[gnu::always_inline]] inline float place(float x) const {
    const float position = (x - lo) * bins / (hi - lo);
    float safe = position < bins - 1.0f ? position : bins - 1.0f;
    safe = x < lo ? static_cast<float>(below) : safe;
    safe = x > hi ? bins : safe;
    return x == x ? safe : bins + 1.0f;
  }
  [[gnu::always_inline]] static inline std::int32_t bin(float position) { return static_cast<std::int32_t>(position); }
};

[[gnu::always_inline]] inline void count_block(const std::int32_t* bins, std::size_t n, std::uint32_t* tables,
                                               std::size_t stride) {
  std::size_t i = 0;
  for (; i + interleave <= n; i += interleave)
    for (std::size_t k = 0; k < interleave; ++k) ++tables[static_cast<std::ptrdiff_t>(k * stride) + bins[i + k]];
  for (; i < n; ++i) ++tables[bins[i]];
}

/// `tables`: bin 0 of one histogram (stride 0) or of `interleave` of them, zeroed.
template <typename Binning>
[[gnu::always_inline]] inline void count_body(const float* values, std::size_t n, Binning binning,
                                              std::uint32_t* tables, std::size_t stride) {
  alignas(64) float places[block];
  alignas(64) std::int32_t bins[block];
  for (std::size_t i = 0; i < n; i += block) {
    const float* const from = values + i;
    const std::size_t m = std::min(block, n - i);
    for (std::size_t k = 0; k < m; ++k) places[k] = binning.place(from[k]);
    for (std::size_t k = 0; k < m; ++k) bins[k] = Binning::bin(places[k]);
    count_block(bins, m, tables, stride);
  }
}

[[gnu::always_inline]] inline void count_nearest_body(const float* values, std::size_t n, NearestEdge binning,
                                                      std::uint32_t* tables, std::size_t stride) {
  count_body(values, n, binning, tables, stride);
}

[[gnu::always_inline]] inline void count_floor_body(const float* values, std::size_t n, Containing binning,
                                                    std::uint32_t* tables, std::size_t stride) {
  count_body(values, n, binning, tables, stride);
}

[[gnu::always_inline]] inline void count_linear_body(const float* values, std::size_t n, LinearClamped binning,
                                                     std::uint32_t* tables, std::size_t stride) {
  count_body(values, n, binning, tables, stride);
}

[[gnu::always_inline]] inline ValueRange range_body(const float* values, std::size_t n) {
  alignas(64) float lowest[lanes], highest[lanes];
  alignas(64) std::int32_t nan[lanes] = {};
  std::fill_n(lowest, lanes, std::numeric_limits<float>::infinity());
  std::fill_n(highest, lanes, -std::numeric_limits<float>::infinity());
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes)
    for (std::size_t k = 0; k < lanes; ++k) {
      const float x = values[i + k];
      lowest[k] = x < lowest[k] ? x : lowest[k];
      highest[k] = x > highest[k] ? x : highest[k];
      nan[k] |= x != x ? 1 : 0;
    }
  ValueRange range;
  const auto fold = [&range](float lo, float hi) {
    range.min = lo < range.min ? lo : range.min;
    range.max = hi > range.max ? hi : range.max;
  };
  for (std::size_t k = 0; k < lanes; ++k) {
    fold(lowest[k], highest[k]);
    range.has_nan |= nan[k] != 0;
  }
  for (; i < n; ++i) {
    fold(values[i], values[i]);
    range.has_nan |= values[i] != values[i];
  }
  return range;
}

QEVAL_DEFINE_FOR_EACH_ISA(void, count_nearest,
                          (const float* values, std::size_t n, NearestEdge binning, std::uint32_t* tables,
                           std::size_t stride),
                          (values, n, binning, tables, stride))
QEVAL_DEFINE_FOR_EACH_ISA(void, count_floor,
                          (const float* values, std::size_t n, Containing binning, std::uint32_t* tables,
                           std::size_t stride),
                          (values, n, binning, tables, stride))
QEVAL_DEFINE_FOR_EACH_ISA(void, count_linear,
                          (const float* values, std::size_t n, LinearClamped binning, std::uint32_t* tables,
                           std::size_t stride),
                          (values, n, binning, tables, stride))
QEVAL_DEFINE_FOR_EACH_ISA(ValueRange, range, (const float* values, std::size_t n), (values, n))

/// Runs `count` with as many sub-histograms as the size repays, and adds them up. All slots, the first `first`
/// included.
template <typename Count, typename Binning>
BinCounts count_all(std::span<const float> values, Binning binning, std::size_t bins, Count count) {
  const std::size_t slots = bins + extra;
  const std::size_t used = values.size() < small ? 1 : interleave;
  BinCounts tables(used * slots);
  count(values.data(), values.size(), binning, tables.data() + first, used == 1 ? 0 : slots);
  for (std::size_t t = 1; t < used; ++t)
    for (std::size_t i = 0; i < slots; ++i) tables[i] += tables[t * slots + i];
  tables.resize(slots);
  return tables;
}

BinCounts only_bins(const BinCounts& slots, std::size_t bins) {
  const auto begin = slots.begin() + first;
  return {begin, begin + static_cast<std::ptrdiff_t>(bins)};
}

}  // namespace

ValueRange value_range(std::span<const float> values) { return range(values.data(), values.size()); }

bool all_finite(std::span<const float> values) {
  if (values.empty()) return true;
  const ValueRange range = value_range(values);
  return !range.has_nan && std::isfinite(range.min) && std::isfinite(range.max);
}

ValueRange finite_range(std::span<const float> values) {
  ValueRange found = value_range(values);
  if (std::isfinite(found.min) && std::isfinite(found.max)) return found;
  ValueRange finite;
  finite.has_nan = found.has_nan;
  for (const float x : values) {
    if (!std::isfinite(x)) continue;
    finite.min = std::min(finite.min, x);
    finite.max = std::max(finite.max, x);
  }
  return finite;
}

BinCounts count_nearest_edge(std::span<const float> values, float step, float origin, std::size_t bins) {
  const NearestEdge binning{step, origin, static_cast<float>(bins)};
  return only_bins(count_all(values, binning, bins, count_nearest), bins);
}

BinCounts count_containing(std::span<const float> values, float inverse, float first_number, std::size_t bins) {
  const Containing binning{inverse, first_number, static_cast<float>(bins)};
  return only_bins(count_all(values, binning, bins, count_floor), bins);
}

BinCounts count_linear_clamped(std::span<const float> values, float lo, float hi, std::size_t bins) {
  const LinearClamped binning{lo, hi, static_cast<float>(bins)};
  BinCounts slots = count_all(values, binning, bins, count_linear);
  slots[first] += slots[0];
  slots[bins] += slots[first + bins];
  return only_bins(slots, bins);
}

}  // namespace qeval
