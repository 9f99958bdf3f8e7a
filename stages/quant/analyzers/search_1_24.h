#pragma once
/// The candidates of mode aimet-1.24's tf_enhanced search, and the first one of least cost.
/// Errors: none; where every cost overflows the result is AIMET's untouched start value (−1, −1).
#include <vector>

#include "stages/quant/analyzers/cost_1_24.h"

namespace qeval {

/// Asymmetric: 17 deltas × 21 offsets and the observed grid. Reproduces 1.24's "sticky delta": a clamp shrinks the
/// delta for all later offsets of its row, so that one-sided data leave little more than the observed grid.
std::vector<Candidate124> asymmetric_candidates(float observed_min, float observed_max, int steps);

/// Symmetric: deltas in steps of a hundredth, the factor accumulated in float.
std::vector<Candidate124> symmetric_candidates(float observed_min, float observed_max, int steps,
                                               bool unsigned_symmetric);

Candidate124 best_candidate(const CostTable124& table, const std::vector<Candidate124>& candidates);

}  // namespace qeval
