#pragma once
/// Pools on codes. Thread-safety: as IntegerStep.
#include "stages/infer/integer/code_meaning.h"
#include "stages/infer/integer/integer_step.h"
#include "stages/model/graph.h"

namespace qeval {

/// The largest code of each window: that of the largest value, because grids ascend. Every window must meet the image.
std::unique_ptr<IntegerStep> make_integer_max_pool(const Slot& from, const Slot& to, const Window& window);

/// The code on `grid` of f32(Σ i) / n · scale over all n pixels, i the whole numbers that the codes stand for
/// (stages/quant/arithmetic/exact_sums.h).
std::unique_ptr<IntegerStep> make_integer_mean(const Slot& from, const Slot& to, const QdqParameters& from_grid,
                                               const QdqParameters& grid);

}  // namespace qeval
