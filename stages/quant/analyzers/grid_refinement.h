#pragma once
/// The best step for values that lie on a grid, from a first guess.
/// Source: aimet_torch 2.42 utils.py, _refine_scale. Thread-safety: immutable.
#include <span>

namespace qeval {

class GridRefinement {
 public:
  /// Codes lie from `lowest` to `highest`.
  GridRefinement(std::span<const float> values, int lowest, int highest)
      : values_(values), lowest_(static_cast<float>(lowest)), highest_(static_cast<float>(highest)) {}

  /// The median of value / code, then least-squares steps while they reduce the error.
  float refined(float guess) const;

  float code(float value, float step) const;

 private:
  float median(float guess) const;
  float least_squares(float step) const;
  float error(float step) const;

  std::span<const float> values_;
  float lowest_, highest_;
};

}  // namespace qeval
