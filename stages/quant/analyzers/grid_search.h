#pragma once
/// The candidates of DlQuantization's tf_enhanced search, and the first one of least cost.
/// Errors: none; where every cost overflows the result is AIMET's untouched start value (−1, −1).
#include <vector>

#include "stages/quant/analyzers/grid_cost.h"
#include "stages/quant/arithmetic/numerics_mode.h"

namespace qeval {

/// Asymmetric: 17 deltas × 21 offsets and the observed grid. Reproduces 1.24's "sticky delta": a clamp shrinks the
/// delta for all later offsets of its row, so that one-sided data leave little more than the observed grid. From 1.31
/// on each offset starts from its row's delta; from 2024 on empty grids are left out and widths are taken in double.
std::vector<GridCandidate> asymmetric_candidates(float observed_min, float observed_max, int steps, NumericsMode mode);

/// DlQuantization took widths and costs in float until 1.31, in double from 2024 on.
bool searches_in_float(NumericsMode mode);

/// Symmetric: deltas in steps of a hundredth, the factor accumulated in float.
std::vector<GridCandidate> symmetric_candidates(float observed_min, float observed_max, int steps,
                                                bool unsigned_symmetric, NumericsMode mode);

template <typename Sum>
GridCandidate best_candidate(const CostTable<Sum>& table, const std::vector<GridCandidate>& candidates);

extern template GridCandidate best_candidate(const CostTable<float>&, const std::vector<GridCandidate>&);
extern template GridCandidate best_candidate(const CostTable<double>&, const std::vector<GridCandidate>&);

}  // namespace qeval
