#pragma once
/// Operations on one element of each of two values, as f32 computes them. Thread-safety: as IntegerStep.
#include "stages/infer/integer/code_meaning.h"
#include "stages/infer/integer/integer_step.h"
#include "stages/model/graph.h"

namespace qeval {

/// Operations of two values that every processor rounds alike and that are finite where both are.
bool pairs_codes(Op op);

/// The operation itself.
float combined(Op op, float a, float b);

/// to = code on `grid` of the limited a op b. An operand of one pixel is repeated where `to` has more.
struct IntegerPair {
  Op op;
  Slot a, b, to;
  CodeMeaning a_meaning, b_meaning;
  Limits limits;
  QdqParameters grid;
};
std::unique_ptr<IntegerStep> make_integer_pair(const IntegerPair& pair);

}  // namespace qeval
