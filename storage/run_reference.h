#pragma once
/// How a user names a run: its name, a unique prefix of it, "@last", or "@2" for the second newest.
/// Thread-safety and errors: as Database.
#include <cstdint>
#include <string>

#include "storage/database.h"

namespace qeval {

/// UsageError with the nearest name if no run fits; listing them, if several do.
std::int64_t find_run_id(Database& database, const std::string& reference);

}  // namespace qeval
