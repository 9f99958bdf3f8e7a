#include "stages/quant/analyzers/grid_search.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stages/quant/analyzers/grid.h"

namespace qeval {
namespace {

constexpr int offset_intervals = 20;

/// A grid's ends, and how its generation computes with them.
struct ObservedGrid {
  float min, max, steps;
  bool since_2024;

  float end(const GridCandidate& grid, float start) const {
    return since_2024 ? grid.delta * (static_cast<float>(grid.offset) + steps) : start + grid.delta * steps;
  }
  float delta(float from, float to) const {
    if (!since_2024) return (to - from) / steps;
    return static_cast<float>((static_cast<double>(to) - static_cast<double>(from)) / static_cast<double>(steps));
  }
};

/// Clamps the candidate to the observed range, in place. False if it covers more than the range on both sides, and
/// since 2024 if nothing is left of it.
bool clamp_to_observed(const ObservedGrid& observed, GridCandidate& candidate) {
  float min = candidate.delta * static_cast<float>(candidate.offset);
  float max = observed.end(candidate, min);
  if (min < observed.min && max > observed.max) return false;
  min = std::max(observed.min, min);
  max = std::min(observed.max, max);
  if (observed.since_2024 && min == max) return false;
  candidate.delta = observed.delta(min, max);
  candidate.offset = to_int_x86(std::round(min / candidate.delta));
  return true;
}

/// Keeps the first of the least cost whatever the order of evaluation.
template <typename Sum>
class Best {
 public:
  void offer(Sum cost, std::size_t index) {
    if (cost < cost_ || (cost == cost_ && index < index_)) {
      cost_ = cost;
      index_ = index;
    }
  }
  Sum cost() const { return cost_; }
  std::size_t index() const { return index_; }

 private:
  Sum cost_ = std::numeric_limits<float>::max();
  std::size_t index_ = 0;  // 0 with the start cost: a cost equal to it is never "strictly less"
};

}  // namespace

bool searches_in_float(NumericsMode mode) {
  return mode == NumericsMode::aimet_1_24 || mode == NumericsMode::aimet_1_31;
}

std::vector<GridCandidate> asymmetric_candidates(float observed_min, float observed_max, int steps, NumericsMode mode) {
  const auto n = static_cast<float>(steps);
  ObservedGrid grid{0, 0, n, !searches_in_float(mode)};
  GridCandidate observed;
  observed.delta = grid.delta(observed_min, observed_max);
  observed.offset = to_int_x86(std::round(observed_min / observed.delta));
  grid.min = observed.delta * static_cast<float>(observed.offset);
  grid.max = grid.end(observed, grid.min);

  const bool sticky = mode == NumericsMode::aimet_1_24;
  std::vector<GridCandidate> candidates;
  for (int k = 1; k <= 17; ++k) {
    const float delta = static_cast<float>(k) / 16 * observed.delta;
    GridCandidate candidate{delta, 0};
    for (int i = 0; i <= offset_intervals; ++i) {
      if (!sticky) candidate.delta = delta;
      candidate.offset = static_cast<int>(-n + static_cast<double>(n) / offset_intervals * i);
      if (clamp_to_observed(grid, candidate)) candidates.push_back(candidate);
    }
  }
  candidates.push_back(observed);
  return candidates;
}

std::vector<GridCandidate> symmetric_candidates(float observed_min, float observed_max, int steps,
                                                bool unsigned_symmetric, NumericsMode mode) {
  const auto n = static_cast<float>(steps);
  const bool is_unsigned = observed_min == 0 && unsigned_symmetric;
  const float largest = std::max(std::abs(observed_max), std::abs(observed_min));
  const float signed_delta = searches_in_float(mode) ? 2 * largest / n : static_cast<float>(largest / (steps / 2.0));
  const float delta_max = is_unsigned ? observed_max / n : signed_delta;
  const int offset = is_unsigned ? 0 : symmetric_offset(steps);
  std::vector<GridCandidate> candidates;
  // Both the factors and their number follow from adding the double 0.01 to a float.
  for (float factor = 1.0 / 100; factor <= 1 + 1.0 / 100; factor = static_cast<float>(factor + 1.0 / 100))
    candidates.push_back({factor * delta_max, offset});
  return candidates;
}

template <typename Sum>
GridCandidate best_candidate(const CostTable<Sum>& table, const std::vector<GridCandidate>& candidates) {
  Best<Sum> best;
  std::vector<std::size_t> regular;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (table.is_regular(candidates[i]))
      regular.push_back(i);
    else if (i == 0 || !(candidates[i] == candidates[i - 1]))  // a repetition cannot be strictly better
      best.offer(table.cost(candidates[i]), i);
  }
  // From the last group on: the largest deltas are usually near the best, which lets the small ones be given up early.
  const std::size_t groups = (regular.size() + cost_lanes - 1) / cost_lanes;
  for (std::size_t g = groups; g-- > 0;) {
    CostGroup<Sum> group;
    const std::size_t first = g * cost_lanes;
    for (std::size_t k = 0; k < cost_lanes; ++k)
      table.set_lane(group, k, candidates[regular[std::min(first + k, regular.size() - 1)]]);
    table.cost_of_group(group, best.cost());
    for (std::size_t k = 0; k < cost_lanes && first + k < regular.size(); ++k)
      best.offer(group.cost[k], regular[first + k]);
  }
  return best.cost() < std::numeric_limits<float>::max() ? candidates[best.index()] : GridCandidate{};
}

template GridCandidate best_candidate(const CostTable<float>&, const std::vector<GridCandidate>&);
template GridCandidate best_candidate(const CostTable<double>&, const std::vector<GridCandidate>&);

}  // namespace qeval
