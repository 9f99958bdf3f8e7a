#pragma once
/// Per-image rows of a run. Thread-safety and errors: as Database.
#include <cstdint>
#include <functional>

#include "storage/database.h"
#include "storage/records.h"

namespace qeval {

/// Call inside a Transaction. InternalError if the run's dataset has no such sample or the image has its row already.
void insert_prediction(Database& database, std::int64_t run_id, std::int64_t dataset_id, const PredictionRecord& row);

NotFiniteRows read_not_finite(Database& database, std::int64_t run_id);

/// All rows of the run, by ordinal.
void for_each_prediction(Database& database, std::int64_t run_id, const std::function<void(const PredictionRecord&)>& visit);

}  // namespace qeval
