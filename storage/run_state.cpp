#include "storage/run_state.h"

#include "pipeline/base/errors.h"

namespace qeval {

std::string run_state_word(RunState state) {
  switch (state) {
    case RunState::running: return "running";
    case RunState::interrupted: return "interrupted";
    case RunState::failed: return "failed";
    case RunState::done: return "done";
    case RunState::gate_failed: return "gate_failed";
  }
  throw InternalError("a run is in no state");
}

std::optional<RunState> run_state_of(const std::string& word) {
  for (const RunState state :
       {RunState::running, RunState::interrupted, RunState::failed, RunState::done, RunState::gate_failed})
    if (run_state_word(state) == word) return state;
  return std::nullopt;
}

}  // namespace qeval
