#pragma once
/// What a pass that kept every NaN says about one that may have lost some. Its finite values are no better, and may
/// differ in the last bit, so only what is not finite is taken from it.
/// Thread-safety: free functions. Errors: none; both spans must be of the same size.
#include <algorithm>
#include <cmath>
#include <span>

#include "stages/quant/arithmetic/histogram.h"

namespace qeval {

/// `row`: values per image. A row of `kept` with a NaN or an infinity replaces that of `values`.
inline void take_not_finite_rows(std::span<const float> kept, std::size_t row, std::span<float> values) {
  for (std::size_t first = 0; first < kept.size(); first += row)
    if (!all_finite(kept.subspan(first, row))) std::ranges::copy(kept.subspan(first, row), values.begin() + first);
}

/// The same of one value per image.
inline void take_not_finite(std::span<const double> kept, std::span<double> values) {
  for (std::size_t i = 0; i < kept.size(); ++i)
    if (!std::isfinite(kept[i])) values[i] = kept[i];
}

}  // namespace qeval
