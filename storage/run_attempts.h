#pragma once
/// The attempts of a run: each process that worked on it, from start to end. Thread-safety and errors: as Database.
#include <cstdint>
#include <string>
#include <vector>

#include "storage/database.h"
#include "storage/run_state.h"

namespace qeval {

/// Runs in state "running". To a writer that has just taken the lock: those whose process was killed.
std::vector<std::int64_t> running_runs(Database& database);

/// Sets a killed run to "interrupted", with metrics of what is stored, and closes its attempt as "killed", with the
/// time until its last commit. The caller holds the writer lock.
void close_abandoned_run(Database& database, std::int64_t run_id);

/// Returns the attempt's id. An earlier attempt of this run left open is closed as "killed".
std::int64_t begin_attempt(Database& database, std::int64_t run_id, const std::string& device);

/// The open attempt is as far as the run's row says, at time `now` (as utc_now gives it). Call inside a Transaction.
void advance_attempt(Database& database, std::int64_t run_id, const std::string& now);

void finish_attempt(Database& database, std::int64_t run_id, std::int64_t attempt_id, RunState state, double active_s,
                    const std::string& error, int exit_code);

}  // namespace qeval
