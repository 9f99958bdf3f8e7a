#pragma once
/// A run's counts and accuracies. Thread-safety and errors: as Database.
#include <cstdint>

#include "storage/database.h"

namespace qeval {

/// Recomputes them from the stored rows, never from counters. A failed image counts as wrong. Call inside a Transaction.
void update_metrics(Database& database, std::int64_t run_id);

}  // namespace qeval
