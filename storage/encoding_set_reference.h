#pragma once
/// How a user names an encoding set: its number, its name, or a run that was computed with it.
/// Thread-safety and errors: as Database.
#include <cstdint>
#include <string>

#include "storage/database.h"

namespace qeval {

/// UsageError if nothing fits, if several sets have the name, or if the run has no encodings.
std::int64_t find_named_encoding_set(Database& database, const std::string& reference);

}  // namespace qeval
