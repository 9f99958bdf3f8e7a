#include "stages/quant/analyzers/grid_cost.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "stages/quant/analyzers/grid.h"
#include "stages/quant/arithmetic/isa_dispatch.h"
#include "stages/quant/arithmetic/rounding.h"

namespace qeval {
namespace {

constexpr int saturation_weight = 3;
constexpr std::size_t check_interval = 16;  // bins between two looks at whether a group can still win
constexpr float exact_limit = 1 << 21;      // integers up to 2·exact_limit and their halves are exact in float

struct FilledBins {
  const std::int32_t* index;
  const float* middle;
  const double* probability;
  std::size_t count;
};

template <typename Sum>
[[gnu::always_inline]] inline void add_rounded(Sum& sum, double term) {
  sum = static_cast<Sum>(static_cast<double>(sum) + term);
}

template <typename Sum>
[[gnu::always_inline]] inline Sum total(Sum below, Sum above, Sum inside) {
  return static_cast<Sum>(saturation_weight) * (below + above) + inside;
}

/// Lane by lane the same operations in the same order as CostTable::cost; a term that belongs to another region is
/// added as zero, which changes no sum.
template <typename Sum>
[[gnu::always_inline]] inline void group_sums(CostGroup<Sum>& group, const FilledBins& bins, Sum best) {
  alignas(64) Sum below[cost_lanes] = {}, above[cost_lanes] = {}, inside[cost_lanes] = {};
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
      const auto new_below = static_cast<Sum>(static_cast<double>(below[k]) + term);
      const auto new_above = static_cast<Sum>(static_cast<double>(above[k]) + term);
      const auto new_inside = static_cast<Sum>(static_cast<double>(inside[k]) + term);
      below[k] = is_below ? new_below : below[k];
      above[k] = is_above ? new_above : above[k];
      inside[k] = is_below || is_above ? inside[k] : new_inside;
    }
    if (b % check_interval != check_interval - 1) continue;
    // The sums only grow, and rounding is monotonic: what is above the best already cannot come back.
    bool alive = false;
    for (std::size_t k = 0; k < cost_lanes; ++k) alive |= total(below[k], above[k], inside[k]) <= best;
    if (!alive) {
      group.cost.fill(std::numeric_limits<Sum>::infinity());
      return;
    }
  }
  for (std::size_t k = 0; k < cost_lanes; ++k) group.cost[k] = total(below[k], above[k], inside[k]);
}

[[gnu::always_inline]] inline void group_float_body(CostGroup<float>& lanes, const FilledBins& bins, float best) {
  group_sums(lanes, bins, best);
}
[[gnu::always_inline]] inline void group_double_body(CostGroup<double>& lanes, const FilledBins& bins, double best) {
  group_sums(lanes, bins, best);
}

QEVAL_DEFINE_FOR_EACH_ISA(void, group_float, (CostGroup<float> & lanes, const FilledBins& bins, float best),
                          (lanes, bins, best))
QEVAL_DEFINE_FOR_EACH_ISA(void, group_double, (CostGroup<double> & lanes, const FilledBins& bins, double best),
                          (lanes, bins, best))

}  // namespace

template <typename Sum>
CostTable<Sum>::CostTable(const Density& density, int bits)
    : start_(static_cast<float>(density.left(0))),
      step_(density.step()),
      steps_(static_cast<float>((1 << bits) - 1)),
      middle_(density.bins()) {
  const auto& probabilities = density.probabilities();
  for (std::size_t i = 0; i < density.bins(); ++i) {
    middle_[i] = start_ + static_cast<float>(i) * step_ + step_ / 2;
    if (probabilities[i] == 0) continue;
    index_.push_back(static_cast<std::int32_t>(i));
    filled_middle_.push_back(middle_[i]);
    probability_.push_back(probabilities[i]);
  }
}

template <typename Sum>
typename CostTable<Sum>::Bounds CostTable<Sum>::bounds(const GridCandidate& candidate) const {
  const float min = candidate.delta * static_cast<float>(candidate.offset);
  const float max = candidate.delta * steps_ + min;
  const auto bin_of = [this](float value) {
    return std::clamp(to_int_x86(std::floor((value - start_) / step_)), 0, static_cast<int>(middle_.size()) - 1);
  };
  return {bin_of(min), bin_of(max)};
}

template <typename Sum>
Sum CostTable<Sum>::cost(const GridCandidate& candidate) const {
  const auto [low, high] = bounds(candidate);
  const float mid_low = middle_[static_cast<std::size_t>(low)];
  const float mid_high = middle_[static_cast<std::size_t>(high)];
  Sum below = 0, above = 0, inside = 0;
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
    const auto on_grid =
        static_cast<std::int32_t>(static_cast<std::uint32_t>(code) + static_cast<std::uint32_t>(candidate.offset));
    add_rounded(inside, term(middle - candidate.delta * static_cast<float>(on_grid)));
  }
  return total(below, above, inside);
}

template <typename Sum>
bool CostTable<Sum>::is_regular(const GridCandidate& candidate) const {
  if (!(candidate.delta > 0) || !(step_ > 0)) return false;
  const float farthest = std::max(std::abs(middle_.front()), std::abs(middle_.back()));
  return std::abs(static_cast<float>(candidate.offset)) + steps_ + farthest / candidate.delta < exact_limit;
}

template <typename Sum>
void CostTable<Sum>::set_lane(CostGroup<Sum>& lanes, std::size_t lane, const GridCandidate& candidate) const {
  const auto [low, high] = bounds(candidate);
  lanes.delta[lane] = candidate.delta;
  lanes.offset[lane] = static_cast<float>(candidate.offset);
  lanes.low[lane] = low;
  lanes.high[lane] = high;
  lanes.mid_low[lane] = middle_[static_cast<std::size_t>(low)];
  lanes.mid_high[lane] = middle_[static_cast<std::size_t>(high)];
}

template <typename Sum>
void CostTable<Sum>::cost_of_group(CostGroup<Sum>& lanes, Sum best) const {
  const FilledBins bins{index_.data(), filled_middle_.data(), probability_.data(), index_.size()};
  if constexpr (std::is_same_v<Sum, float>)
    group_float(lanes, bins, best);
  else
    group_double(lanes, bins, best);
}

template class CostTable<float>;
template class CostTable<double>;

}  // namespace qeval
