#include "stages/quant/analyzers/cost_1_24.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stages/quant/analyzers/grid.h"
#include "stages/quant/isa_dispatch.h"
#include "stages/quant/rounding.h"

namespace qeval {
namespace {

constexpr float saturation_weight = 3.0f;
constexpr std::size_t check_interval = 16;  // bins between two looks at whether a group can still win
constexpr float exact_limit = 1 << 21;         // integers up to 2·exact_limit and their halves are exact in float

struct FilledBins {
  const std::int32_t* index;
  const float* middle;
  const double* probability;
  std::size_t count;
};

inline void add_rounded(float& sum, double term) { sum = static_cast<float>(static_cast<double>(sum) + term); }

[[gnu::always_inline]] inline float total(float below, float above, float inside) {
  return saturation_weight * (below + above) + inside;
}

/// Lane by lane the same operations in the same order as CostTable124::cost; a term that belongs to another region is
/// added as zero, which changes no sum.
[[gnu::always_inline]] inline void group_body(CostGroup& group, const FilledBins& bins, float best) {
  alignas(64) float below[cost_lanes] = {}, above[cost_lanes] = {}, inside[cost_lanes] = {};
  for (std::size_t b = 0; b < bins.count; ++b) {
    const std::int32_t bin = bins.index[b];
    const float middle = bins.middle[b];
    const double probability = bins.probability[b];
    alignas(64) float code[cost_lanes];
    for (std::size_t k = 0; k < cost_lanes; ++k) {
      code[k] = round_half_away(middle / group.delta[k] - group.offset[k]);
    }
    for (std::size_t k = 0; k < cost_lanes; ++k) {
      const bool is_below = bin < group.low[k];
      const bool is_above = bin >= group.high[k];
      float error = middle - group.delta[k] * (code[k] + group.offset[k]);
      error = is_below ? middle - group.mid_low[k] : error;
      error = is_above ? middle - group.mid_high[k] : error;
      const double wide = error;
      const double term = probability * (wide * wide);
      const auto new_below = static_cast<float>(static_cast<double>(below[k]) + term);
      const auto new_above = static_cast<float>(static_cast<double>(above[k]) + term);
      const auto new_inside = static_cast<float>(static_cast<double>(inside[k]) + term);
      below[k] = is_below ? new_below : below[k];
      above[k] = is_above ? new_above : above[k];
      inside[k] = is_below || is_above ? inside[k] : new_inside;
    }
    if (b % check_interval != check_interval - 1) continue;
    // The sums only grow, and rounding is monotonic: what is above the best already cannot come back.
    bool alive = false;
    for (std::size_t k = 0; k < cost_lanes; ++k) alive |= total(below[k], above[k], inside[k]) <= best;
    if (!alive) {
      group.cost.fill(std::numeric_limits<float>::infinity());
      return;
    }
  }
  for (std::size_t k = 0; k < cost_lanes; ++k) group.cost[k] = total(below[k], above[k], inside[k]);
}

QEVAL_DEFINE_FOR_EACH_ISA(void, group, (CostGroup & lanes, const FilledBins& bins, float best),
                          (lanes, bins, best))

}  // namespace

CostTable124::CostTable124(const Density124& density, int bits)
    : start_(density.left(0)), step_(density.step()), steps_(static_cast<float>((1 << bits) - 1)) {
  const auto& probabilities = density.probabilities();
  for (std::size_t i = 0; i < histogram_bins; ++i) {
    middle_[i] = start_ + static_cast<float>(i) * step_ + step_ / 2;
    if (probabilities[i] == 0) continue;
    index_.push_back(static_cast<std::int32_t>(i));
    filled_middle_.push_back(middle_[i]);
    probability_.push_back(probabilities[i]);
  }
}

CostTable124::Bounds CostTable124::bounds(const Candidate124& candidate) const {
  const float min = candidate.delta * static_cast<float>(candidate.offset);
  const float max = candidate.delta * steps_ + min;
  const auto bin_of = [this](float value) {
    return std::clamp(to_int_x86(std::floor((value - start_) / step_)), 0, static_cast<int>(histogram_bins) - 1);
  };
  return {bin_of(min), bin_of(max)};
}

float CostTable124::cost(const Candidate124& candidate) const {
  const auto [low, high] = bounds(candidate);
  const float mid_low = middle_[static_cast<std::size_t>(low)];
  const float mid_high = middle_[static_cast<std::size_t>(high)];
  float below = 0, above = 0, inside = 0;
  for (std::size_t b = 0; b < index_.size(); ++b) {
    const float middle = filled_middle_[b];
    const auto term = [&](float error) {
      return probability_[b] * (static_cast<double>(error) * static_cast<double>(error));
    };
    if (index_[b] < low) add_rounded(below, term(middle - mid_low));
    if (index_[b] >= high) add_rounded(above, term(middle - mid_high));
    if (index_[b] < low || index_[b] >= high) continue;
    const int code = to_int_x86(std::round(middle / candidate.delta - static_cast<float>(candidate.offset)));
    // Wraps like the 32-bit addition of the processor.
    const auto on_grid = static_cast<std::int32_t>(static_cast<std::uint32_t>(code) +
                                                   static_cast<std::uint32_t>(candidate.offset));
    add_rounded(inside, term(middle - candidate.delta * static_cast<float>(on_grid)));
  }
  return total(below, above, inside);
}

bool CostTable124::is_regular(const Candidate124& candidate) const {
  if (!(candidate.delta > 0) || !(step_ > 0)) return false;
  const float farthest = std::max(std::abs(middle_.front()), std::abs(middle_.back()));
  return std::abs(static_cast<float>(candidate.offset)) + steps_ + farthest / candidate.delta < exact_limit;
}

void CostTable124::set_lane(CostGroup& lanes, std::size_t lane, const Candidate124& candidate) const {
  const auto [low, high] = bounds(candidate);
  lanes.delta[lane] = candidate.delta;
  lanes.offset[lane] = static_cast<float>(candidate.offset);
  lanes.low[lane] = low;
  lanes.high[lane] = high;
  lanes.mid_low[lane] = middle_[static_cast<std::size_t>(low)];
  lanes.mid_high[lane] = middle_[static_cast<std::size_t>(high)];
}

void CostTable124::cost_of_group(CostGroup& lanes, float best) const {
  group(lanes, {index_.data(), filled_middle_.data(), probability_.data(), index_.size()}, best);
}

}  // namespace qeval
