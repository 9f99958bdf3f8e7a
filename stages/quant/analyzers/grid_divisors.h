#pragma once
/// How many steps reach from zero to the largest magnitude of values that may lie on a grid.
/// Source: aimet_torch 2.42 utils.py, _candidate_divisors and _select_divisor. Thread-safety: immutable.
#include <span>
#include <vector>

namespace qeval {

/// Values at most this large count as zero.
inline constexpr float zero_magnitude = 1e-12f;

/// Values that share a scale. They must outlive this.
struct GridSlice {
  explicit GridSlice(std::span<const float> all);
  bool active() const { return absmax > 0; }

  std::span<const float> values;
  float absmax = 0;
  float nonzero = 1;  ///< how many values are not zero, at least 1
};

/// Magnitudes in ascending order.
std::vector<float> sorted_magnitudes(std::span<const float> values);

class GridDivisors {
 public:
  /// `rounding`: half a unit in the last place of the values' format, relative; `largest`: the largest code.
  GridDivisors(const std::vector<GridSlice>& slices, float rounding, int largest);

  struct Choice {
    int divisor = 1;        ///< absmax / step
    bool accepted = false;  ///< the values lie on that grid
  };

  /// The smallest divisor among those that fit about as well as the best. Of an active slice.
  Choice choose(const GridSlice& slice) const;

  /// False only if `choose` would not accept; quick where that is so.
  bool can_fit(const GridSlice& slice) const;

 private:
  struct Fit {
    float off_grid = 0;   ///< share of values off the grid
    float deviation = 0;  ///< mean distance from it, in steps
  };

  bool is_off(float value, float step) const;
  Fit fit(const GridSlice& slice, int divisor) const;

  float noise_;
  std::vector<int> divisors_;  ///< candidates, ascending
};

}  // namespace qeval
