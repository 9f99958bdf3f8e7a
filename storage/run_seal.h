#pragma once
/// A digest over the row of a run, which shows damage that SQLite does not see: lists and tables come from that row
/// alone. Tags are left out, so that people may change them. Thread-safety and errors: as Database.
#include <cstdint>

#include "storage/database.h"

namespace qeval {

/// Whoever has changed the row calls it last, inside the same Transaction.
void seal_run(Database& database, std::int64_t run_id);

/// DatabaseError if a row is not as it was sealed.
void require_sealed_runs(Database& database);

}  // namespace qeval
