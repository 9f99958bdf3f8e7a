#pragma once
/// Operations that look at one element, or at one of each of two summands. Thread-safety: as IntegerStep.
#include <vector>

#include "stages/infer/integer/code_meaning.h"
#include "stages/infer/integer/integer_step.h"

namespace qeval {

/// Codes of another grid for every code.
std::unique_ptr<IntegerStep> make_recoding(const Slot& from, const Slot& to, const CodeMap& map);

/// The same with a map for each channel.
std::unique_ptr<IntegerStep> make_channel_recoding(const Slot& from, const Slot& to, std::vector<CodeMap> maps);

/// to = code on `grid` of the limited a + b; all of one shape.
struct IntegerSum {
  Slot a, b, to;
  CodeMeaning a_meaning, b_meaning;
  Limits limits;
  QdqParameters grid;
};
std::unique_ptr<IntegerStep> make_integer_sum(const IntegerSum& sum);

}  // namespace qeval
