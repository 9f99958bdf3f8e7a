#pragma once
/// The environment variable QEVAL_MAX_ISA: results do not change, for whoever compares instruction sets.
/// Thread-safety: free function, for the beginning of a program. Errors: UsageError for a word that is none.

namespace qeval {

/// Limits this process to the instruction sets up to the one that QEVAL_MAX_ISA names, if it is set.
void limit_instruction_sets();

}  // namespace qeval
