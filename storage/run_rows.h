#pragma once
/// Reads rows of the run table. Thread-safety and errors: as Database.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/database.h"
#include "storage/records.h"

namespace qeval {

/// InternalError if there is no such run.
RunRecord read_run(Database& database, std::int64_t run_id);
/// Newest first.
std::vector<RunRecord> read_runs(Database& database);
/// With this key: the newest finished one, else the newest.
std::optional<RunRecord> read_run_by_key(Database& database, const std::string& eval_key);
std::optional<RunRecord> read_newest_run(Database& database, const std::string& eval_key);

}  // namespace qeval
