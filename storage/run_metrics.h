#pragma once
/// A run's counts and accuracies, as its row has them: at any moment those of the rows that are stored. A failed image
/// counts as wrong. Call inside the Transaction that changes the rows. Thread-safety and errors: as Database.
#include <cstdint>
#include <span>

#include "storage/database.h"
#include "storage/prediction_rows.h"
#include "storage/records.h"

namespace qeval {

PredictionCounts read_counts(Database& database, std::int64_t run_id);

/// Recomputes them from the stored rows, never from counters.
void update_metrics(Database& database, std::int64_t run_id);

/// Adds a batch that has just been stored; costs the same however many rows there are.
void add_to_metrics(Database& database, std::int64_t run_id, std::span<const PredictionRecord> batch);

}  // namespace qeval
