#pragma once
/// Small arithmetic that the analyzers share.
#include <algorithm>
#include <climits>
#include <cmath>

#include "stages/quant/analyzers/observer.h"

namespace qeval {

/// Number of steps between the lowest and the highest code: 2^bits − 1, one less for strict symmetric grids.
/// Errors: InternalError for bit widths outside 2 … 16.
int grid_steps(const QuantizerSettings& settings);

/// float or double to int as the x86 conversion instruction does it: toward zero, INT_MIN where it does not fit.
/// AIMET's results in degenerate cases depend on it; in C++ the plain cast would be undefined there.
template <typename Real>
int to_int_x86(Real value) {
  return value > static_cast<Real>(-2147483649.0) && value < static_cast<Real>(2147483648.0) ? static_cast<int>(value)
                                                                                             : INT_MIN;
}

/// The offset nearest to min / scale at which a range that holds zero inside has zero among its codes.
inline double offset_with_zero_code(double min, double max, double scale, int steps) {
  if (min < 0 && max > 0) return -std::clamp(std::round(-min / scale), 0.0, static_cast<double>(steps));
  return std::round(min / scale);
}

/// −steps / 2 rounded down: the offset of a symmetric grid.
inline int symmetric_offset(int steps) { return -((steps + 1) / 2); }

/// `encoding` with the settings it was computed for.
inline Encoding labelled(Encoding encoding, const QuantizerSettings& settings) {
  encoding.bits = settings.bits;
  encoding.symmetric = settings.symmetric;
  return encoding;
}

}  // namespace qeval
