#pragma once
/// How far a run has come. Thread-safety: free functions.
#include <optional>
#include <string>

namespace qeval {

/// Images are left in the first three; a failed run ended by an error. The last two are through: a gate is a verdict.
enum class RunState { running, interrupted, failed, done, gate_failed };

/// As stored and told: "gate_failed".
std::string run_state_word(RunState state);

/// Absent where there is no such word.
std::optional<RunState> run_state_of(const std::string& word);

/// Every image has its row.
inline bool is_through(RunState state) { return state == RunState::done || state == RunState::gate_failed; }

}  // namespace qeval
