#pragma once
/// Where floats become codes, and codes floats again. Thread-safety: as IntegerStep.
#include "stages/infer/integer/code_meaning.h"
#include "stages/infer/integer/integer_step.h"

namespace qeval {

/// Codes of the images' values.
std::unique_ptr<IntegerStep> make_integer_input(const Slot& to, const QdqParameters& grid);

/// Logits from the codes of one pixel per image.
std::unique_ptr<IntegerStep> make_integer_logits(const Slot& from, const CodeMeaning& meaning);

}  // namespace qeval
