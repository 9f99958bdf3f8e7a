#include "stages/quant/analyzers/recovered_grid.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

#include "stages/quant/analyzers/encoding_torch_2.h"
#include "stages/quant/analyzers/grid.h"
#include "stages/quant/analyzers/grid_divisors.h"
#include "stages/quant/analyzers/grid_refinement.h"

namespace qeval {
namespace {

// AIMET's constants, under its names in lower case.
constexpr double min_matched_frac = 0.9, recon_relrms_mult = 5, recon_relrms_floor = 1e-3;
constexpr std::size_t sampled_slices = 64;

using Values = std::span<const float>;

/// Half a unit in the last place of the format that the values were stored in, relative to them.
float storage_rounding(Values values) {
  std::uint32_t bits = 0;
  for (const float value : values) bits |= std::bit_cast<std::uint32_t>(value);
  const bool all_zero = std::all_of(values.begin(), values.end(), [](float value) { return value == 0; });
  if (!all_zero && (bits & 0xFFFF) == 0) return 0x1p-8f;
  if (!all_zero && (bits & 0x1FFF) == 0) return 0x1p-11f;
  return 0x1p-20f;
}

/// A sample with more magnitudes than the grid has levels.
bool has_too_many_magnitudes(Values slice, std::size_t levels) {
  if (slice.size() <= levels) return false;
  std::vector<float> sample = sorted_magnitudes(slice.first(std::min(slice.size(), 2 * levels)));
  sample.erase(std::unique(sample.begin(), sample.end()), sample.end());
  return sample.size() > levels;
}

class Recovery {
 public:
  Recovery(Values all, std::size_t slices, int lowest, int highest)
      : all_(all), lowest_(lowest), highest_(highest), largest_(std::max(-lowest, highest)) {
    const std::size_t size = all.size() / slices;
    for (std::size_t i = 0; i < slices; ++i) slices_.emplace_back(all.subspan(i * size, size));
  }

  std::optional<std::vector<float>> scales() const {
    for (std::size_t i = 0; i < std::min(slices_.size(), sampled_slices); ++i)
      if (has_too_many_magnitudes(slices_[i].values, static_cast<std::size_t>(largest_) + 1)) return std::nullopt;
    const float rounding = storage_rounding(all_);
    const GridDivisors divisors(slices_, rounding, largest_);
    if (!may_be_on_grids(divisors)) return std::nullopt;
    std::vector<float> scales;
    std::size_t accepted = 0;
    for (const GridSlice& slice : slices_) {
      const GridDivisors::Choice choice = slice.active() ? divisors.choose(slice) : GridDivisors::Choice{1, true};
      accepted += choice.accepted;
      scales.push_back(slice.active() ? scale_of(slice, choice.divisor) : minimum_scale_torch_2);
    }
    return are_enough(accepted) && reconstructs(scales, rounding) ? std::optional(std::move(scales)) : std::nullopt;
  }

 private:
  /// As AIMET computes it: a share of 0.9 in f32 is less than 0.9.
  bool are_enough(std::size_t matched) const {
    return double{static_cast<float>(matched) / static_cast<float>(slices_.size())} >= min_matched_frac;
  }

  /// What most parameters of a network fail at, at little cost.
  bool may_be_on_grids(const GridDivisors& divisors) const {
    std::size_t matched = slices_.size();
    for (const GridSlice& slice : slices_)
      if (slice.active() && !divisors.can_fit(slice) && !are_enough(--matched)) return false;
    return true;
  }

  float scale_of(const GridSlice& slice, int divisor) const {
    const GridRefinement refinement(slice.values, lowest_, highest_);
    return std::max(refinement.refined(slice.absmax / static_cast<float>(divisor)), minimum_scale_torch_2);
  }

  bool reconstructs(const std::vector<float>& scales, float rounding) const {
    double error = 0, norm = 0;
    float largest_code = 0;
    for (std::size_t i = 0; i < slices_.size(); ++i) {
      const GridRefinement grid(slices_[i].values, lowest_, highest_);
      for (const float value : slices_[i].values) {
        const float code = grid.code(value, scales[i]);
        largest_code = std::max(largest_code, std::abs(code));
        error += std::pow(double{code * scales[i]} - value, 2);
        norm += double{value} * value;
      }
    }
    const double gate = std::max(recon_relrms_mult * rounding, recon_relrms_floor);
    return largest_code > 0 && std::sqrt(error) / std::max(std::sqrt(norm), double{zero_magnitude}) <= gate;
  }

  Values all_;
  std::vector<GridSlice> slices_;
  int lowest_, highest_, largest_;
};

}  // namespace

std::optional<std::vector<float>> recovered_scales(Values by_slice, std::size_t slices,
                                                   const QuantizerSettings& settings) {
  const bool finite = std::all_of(by_slice.begin(), by_slice.end(), [](float value) { return std::isfinite(value); });
  if (!settings.symmetric || settings.unsigned_symmetric || by_slice.empty() || !finite) return std::nullopt;
  const int steps = grid_steps(settings), lowest = symmetric_offset(steps);
  return Recovery(by_slice, slices, lowest, lowest + steps).scales();
}

}  // namespace qeval
