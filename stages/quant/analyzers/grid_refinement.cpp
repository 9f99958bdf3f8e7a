#include "stages/quant/analyzers/grid_refinement.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "stages/quant/analyzers/grid_divisors.h"

namespace qeval {
namespace {

constexpr int decompose_ls_iters = 4;  // AIMET's name

}  // namespace

float GridRefinement::refined(float guess) const {
  float step = median(guess), best = step, least = error(step);
  for (int i = 0; i < decompose_ls_iters; ++i) {
    if (const float next = least_squares(step); next > zero_magnitude) step = next;
    if (const float now = error(step); now < least) {
      best = step;
      least = now;
    }
  }
  return best;
}

float GridRefinement::code(float value, float step) const {
  return std::clamp(std::nearbyint(value / step), lowest_, highest_);
}

/// Of an even number of ratios the lower middle one, as torch.nanmedian.
float GridRefinement::median(float guess) const {
  std::vector<float> ratios;
  for (const float value : values_)
    if (const float c = code(value, guess); c != 0 && std::abs(value) > zero_magnitude)
      ratios.push_back(std::abs(value / c));
  if (ratios.empty()) return guess;
  const auto middle = ratios.begin() + static_cast<std::ptrdiff_t>((ratios.size() - 1) / 2);
  std::nth_element(ratios.begin(), middle, ratios.end());
  return std::isfinite(*middle) && *middle > 0 ? *middle : guess;
}

float GridRefinement::least_squares(float step) const {
  float products = 0, squares = 0;
  for (const float value : values_) {
    const float c = code(value, step);
    products += value * c;
    squares += c * c;
  }
  return products / std::max(squares, zero_magnitude);
}

float GridRefinement::error(float step) const {
  float sum = 0;
  for (const float value : values_) {
    const float difference = code(value, step) * step - value;
    sum += difference * difference;
  }
  return sum;
}

}  // namespace qeval
