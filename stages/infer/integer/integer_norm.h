#pragma once
/// Layer norm over the channels of every pixel (stages/quant/arithmetic/exact_norm.h). Thread-safety: as IntegerStep.
#include "stages/infer/integer/code_meaning.h"
#include "stages/infer/integer/integer_step.h"
#include "stages/quant/arithmetic/exact_norm.h"

namespace qeval {

/// to = code on `grid` of the limited result.
struct IntegerLayerNorm {
  Slot from, to;
  QdqParameters from_grid;
  ExactLayerNorm norm;
  Limits limits;
  QdqParameters grid;
};
std::unique_ptr<IntegerStep> make_integer_layer_norm(IntegerLayerNorm norm);

}  // namespace qeval
