#pragma once
/// Per-image rows of a run. Thread-safety and errors: as Database.
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "storage/database.h"
#include "storage/records.h"

namespace qeval {

struct PredictionCounts {
  std::int64_t done = 0, failed = 0, correct1 = 0, correct5 = 0;
  std::int64_t check =
      0;  ///< 64 bits of a digest of each row, exclusive or over all: rows in any order, added or read back

  PredictionCounts& operator+=(const PredictionCounts& other);
  bool operator==(const PredictionCounts&) const = default;
};

/// Of rows before they are stored, or read back. A failed image counts as wrong.
PredictionCounts counts_of(std::span<const PredictionRecord> rows);
/// Of a run's stored rows. DatabaseError if what a row says of itself does not follow from its classes.
PredictionCounts count_predictions(Database& database, std::int64_t run_id);

/// Call inside a Transaction. InternalError if the run's dataset has no such sample or the image has its row already.
void insert_prediction(Database& database, std::int64_t run_id, std::int64_t dataset_id, const PredictionRecord& row);

NotFiniteRows read_not_finite(Database& database, std::int64_t run_id);

/// How sure a run was of an answer, and whether that is right.
struct ConfidenceRow {
  double probability = 0;
  bool right = false;  ///< top-1
};

/// Of the images that were usable and whose probability is known.
std::vector<ConfidenceRow> read_confidences(Database& database, std::int64_t run_id);

/// All rows of the run, by ordinal.
void for_each_prediction(Database& database, std::int64_t run_id,
                         const std::function<void(const PredictionRecord&)>& visit);

}  // namespace qeval
