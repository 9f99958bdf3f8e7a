#include "stages/quant/analyzers/grid_divisors.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <utility>

namespace qeval {
namespace {

// AIMET's constants, under its names in lower case.
constexpr float ulp_safety = 3, valid_margin = 0.005f, fit_margin = 0.5f, abs_offgrid_ceil = 0.05f;

constexpr float infinity = std::numeric_limits<float>::infinity();

float distance_from_code(float code) { return std::abs(std::nearbyint(code) - code); }

float step_of(const GridSlice& slice, int divisor) {
  return std::max(slice.absmax / static_cast<float>(divisor), zero_magnitude);
}

/// Estimates of absmax / step: the smallest magnitude is a step, or the smallest gap between two magnitudes is.
std::pair<float, float> estimated_divisors(const GridSlice& slice) {
  const std::vector<float> magnitudes = sorted_magnitudes(slice.values);
  const float smallest = *std::upper_bound(magnitudes.begin(), magnitudes.end(), 0.0f);
  float gap = infinity;
  for (std::size_t i = 1; i < magnitudes.size(); ++i)
    if (const float step = magnitudes[i] - magnitudes[i - 1]; step > zero_magnitude) gap = std::min(gap, step);
  if (!std::isfinite(gap)) gap = slice.absmax;
  return {slice.absmax / std::max(smallest, zero_magnitude), slice.absmax / std::max(gap, zero_magnitude)};
}

/// Two on either side of every slice's estimates, 1 and the largest.
std::vector<int> candidates(const std::vector<GridSlice>& slices, int largest) {
  std::set<int> found{1, largest};
  const auto add_around = [&](float estimate) {
    if (!(estimate < static_cast<float>(largest) + 3)) return;
    const int center = static_cast<int>(std::nearbyint(estimate));
    for (int k = std::max(center - 2, 1); k <= std::min(center + 2, largest); ++k) found.insert(k);
  };
  for (const GridSlice& slice : slices) {
    if (!slice.active()) continue;
    const auto [by_smallest, by_gap] = estimated_divisors(slice);
    add_around(by_smallest);
    add_around(by_gap);
  }
  return {found.begin(), found.end()};
}

}  // namespace

GridSlice::GridSlice(std::span<const float> all) : values(all) {
  std::size_t count = 0;
  for (const float value : values) {
    absmax = std::max(absmax, std::abs(value));
    count += std::abs(value) > zero_magnitude;
  }
  nonzero = static_cast<float>(std::max<std::size_t>(count, 1));
}

std::vector<float> sorted_magnitudes(std::span<const float> values) {
  std::vector<float> magnitudes(values.size());
  std::transform(values.begin(), values.end(), magnitudes.begin(), [](float value) { return std::abs(value); });
  std::sort(magnitudes.begin(), magnitudes.end());
  return magnitudes;
}

GridDivisors::GridDivisors(const std::vector<GridSlice>& slices, float rounding, int largest)
    : noise_(ulp_safety * rounding), divisors_(candidates(slices, largest)) {}

bool GridDivisors::can_fit(const GridSlice& slice) const {
  return std::any_of(divisors_.begin(), divisors_.end(), [&](int divisor) {
    const float step = step_of(slice, divisor);
    float off = 0;
    for (const float value : slice.values)
      if (is_off(value, step) && ++off / slice.nonzero > abs_offgrid_ceil) return false;
    return true;
  });
}

GridDivisors::Choice GridDivisors::choose(const GridSlice& slice) const {
  std::vector<Fit> fits;
  for (const int divisor : divisors_) fits.push_back(fit(slice, divisor));
  float least_off = infinity, best = infinity;
  for (const Fit& one : fits) least_off = std::min(least_off, one.off_grid);
  const auto is_valid = [&](const Fit& one) { return one.off_grid <= least_off + valid_margin; };
  for (const Fit& one : fits)
    if (is_valid(one)) best = std::min(best, one.deviation);
  const auto chosen = std::find_if(fits.begin(), fits.end(), [&](const Fit& one) {
    return is_valid(one) && one.deviation <= best * (1 + fit_margin);
  });
  return {divisors_[static_cast<std::size_t>(chosen - fits.begin())], chosen->off_grid <= abs_offgrid_ceil};
}

/// The rounding of a stored value grows with it.
bool GridDivisors::is_off(float value, float step) const {
  const float code = value / step;
  return std::abs(value) > zero_magnitude && std::abs(code) * noise_ < distance_from_code(code);
}

GridDivisors::Fit GridDivisors::fit(const GridSlice& slice, int divisor) const {
  const float step = step_of(slice, divisor);
  Fit result;
  for (const float value : slice.values) {
    if (!(std::abs(value) > zero_magnitude)) continue;
    result.off_grid += is_off(value, step);
    result.deviation += distance_from_code(value / step);
  }
  result.off_grid /= slice.nonzero;
  result.deviation /= slice.nonzero;
  return result;
}

}  // namespace qeval
