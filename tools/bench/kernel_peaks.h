#pragma once
/// What one core can do at most of the instructions that a dot kernel is made of: from registers, nothing else in the
/// loop. Thread-safety: one thread. Errors: SIGILL where the processor lacks the instructions.
#include "stages/infer/kernels/dot_kernel.h"

namespace qeval::bench {

/// Products added by one call, of a few microseconds; 0 where the compiler chooses the instructions.
std::int64_t run_peak(DotIsa isa);

}  // namespace qeval::bench
