#pragma once
/// Pools on codes. Thread-safety: as IntegerStep.
#include "stages/infer/integer/code_meaning.h"
#include "stages/infer/integer/integer_step.h"
#include "stages/model/graph.h"

namespace qeval {

/// The largest code of each window: that of the largest value, because grids ascend. Every window must meet the image.
std::unique_ptr<IntegerStep> make_integer_max_pool(const Slot& from, const Slot& to, const Window& window);

/// The code on `grid` of the limited f32(Σ i) / n · scale, i the whole numbers that the codes stand for
/// (stages/quant/arithmetic/exact_sums.h).
struct IntegerMean {
  Slot from, to;
  QdqParameters from_grid;
  Limits limits;
  QdqParameters grid;
};

/// Over all pixels.
std::unique_ptr<IntegerStep> make_integer_mean(const IntegerMean& mean);

/// Over each window. Pads count as zeros, or not at all; every window must then meet the image.
std::unique_ptr<IntegerStep> make_integer_window_mean(const IntegerMean& mean, const Window& window);

}  // namespace qeval
