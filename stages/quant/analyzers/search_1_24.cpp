#include "stages/quant/analyzers/search_1_24.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "stages/quant/analyzers/grid.h"

namespace qeval {
namespace {

constexpr int offset_intervals = 20;

struct ObservedGrid {
  float min, max, steps;
};

/// Clamps the candidate to the observed range, in place. False if it covers more than the range on both sides.
bool clamp_to_observed(const ObservedGrid& observed, Candidate124& candidate) {
  float min = candidate.delta * static_cast<float>(candidate.offset);
  float max = min + candidate.delta * observed.steps;
  if (min < observed.min && max > observed.max) return false;
  min = std::max(observed.min, min);
  max = std::min(observed.max, max);
  candidate.delta = (max - min) / observed.steps;
  candidate.offset = to_int_x86(std::round(min / candidate.delta));
  return true;
}

/// Keeps the first of the least cost whatever the order of evaluation.
class Best {
 public:
  void offer(float cost, std::size_t index) {
    if (cost < cost_ || (cost == cost_ && index < index_)) {
      cost_ = cost;
      index_ = index;
    }
  }
  float cost() const { return cost_; }
  std::size_t index() const { return index_; }

 private:
  float cost_ = std::numeric_limits<float>::max();
  std::size_t index_ = 0;  // 0 with the start cost: a cost equal to it is never "strictly less"
};

}  // namespace

std::vector<Candidate124> asymmetric_candidates(float observed_min, float observed_max, int steps) {
  const auto n = static_cast<float>(steps);
  Candidate124 observed;
  observed.delta = (observed_max - observed_min) / n;
  observed.offset = to_int_x86(std::round(observed_min / observed.delta));
  ObservedGrid grid{observed.delta * static_cast<float>(observed.offset), 0, n};
  grid.max = grid.min + observed.delta * n;

  std::vector<Candidate124> candidates;
  for (int k = 1; k <= 17; ++k) {
    // One delta for the whole row: this is the sticky delta, not an oversight.
    Candidate124 candidate{static_cast<float>(k) / 16 * observed.delta, 0};
    for (int i = 0; i <= offset_intervals; ++i) {
      candidate.offset = static_cast<int>(-n + static_cast<double>(n) / offset_intervals * i);
      if (clamp_to_observed(grid, candidate)) candidates.push_back(candidate);
    }
  }
  candidates.push_back(observed);
  return candidates;
}

std::vector<Candidate124> symmetric_candidates(float observed_min, float observed_max, int steps,
                                               bool unsigned_symmetric) {
  const auto n = static_cast<float>(steps);
  const bool is_unsigned = observed_min == 0 && unsigned_symmetric;
  const float largest = std::max(std::abs(observed_max), std::abs(observed_min));
  const float delta_max = is_unsigned ? observed_max / n : 2 * largest / n;
  const int offset = is_unsigned ? 0 : symmetric_offset(steps);
  std::vector<Candidate124> candidates;
  // Both the factors and their number follow from adding the double 0.01 to a float.
  for (float factor = 1.0 / 100; factor <= 1 + 1.0 / 100; factor = static_cast<float>(factor + 1.0 / 100))
    candidates.push_back({factor * delta_max, offset});
  return candidates;
}

Candidate124 best_candidate(const CostTable124& table, const std::vector<Candidate124>& candidates) {
  Best best;
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
    CostGroup group;
    const std::size_t first = g * cost_lanes;
    for (std::size_t k = 0; k < cost_lanes; ++k)
      table.set_lane(group, k, candidates[regular[std::min(first + k, regular.size() - 1)]]);
    table.cost_of_group(group, best.cost());
    for (std::size_t k = 0; k < cost_lanes && first + k < regular.size(); ++k)
      best.offer(group.cost[k], regular[first + k]);
  }
  return best.cost() < std::numeric_limits<float>::max() ? candidates[best.index()] : Candidate124{};
}

}  // namespace qeval
