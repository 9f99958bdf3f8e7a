#pragma once
/// Files that hold objects of classes which no list knows. Nothing of them was executed, but what they would make of
/// the weights cannot be told either. Thread-safety: free function.
#include "stages/model/weights/pickle_value.h"

namespace qeval {

/// Throws the WeightsFormatError that names the class, with the lines of Python that take the weights out of this very
/// file. `document` may be unfinished; its `foreign` is not empty.
[[noreturn]] void refuse_foreign(const PickleDocument& document);

}  // namespace qeval
