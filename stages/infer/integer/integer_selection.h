#pragma once
/// Some channels, rows and columns of a value, in any order. Thread-safety: as IntegerStep.
#include <vector>

#include "stages/infer/integer/integer_step.h"

namespace qeval {

/// For every position of the result, which one it comes from.
struct Selection {
  std::vector<int> channels, rows, columns;
};

std::unique_ptr<IntegerStep> make_integer_selection(const Slot& from, const Slot& to, Selection selection);

}  // namespace qeval
