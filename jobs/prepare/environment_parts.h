#pragma once
/// What a run was computed with, as its key has it: versions of libraries, the processor. Thread-safety: free function.
#include <string_view>

#include "jobs/language/identity.h"

namespace qeval {

/// "libtorch=2.13.0; mkl=2024.2" by the names in it.
KeyComponents environment_parts(std::string_view environment);

}  // namespace qeval
