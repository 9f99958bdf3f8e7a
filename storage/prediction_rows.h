#pragma once
/// Per-image rows of a run. Thread-safety and errors: as Database.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "pipeline/base/sha256.h"
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

/// Counts rows before they are stored, or as they are read back. A failed image counts as wrong.
class PredictionCounter {
 public:
  void add(const PredictionRecord& row);
  const PredictionCounts& counts() const { return counts_; }

 private:
  PredictionCounts counts_;
  Sha256 hash_;  ///< of one row; a new one for each takes longer than the row
};

PredictionCounts counts_of(std::span<const PredictionRecord> rows);
/// Of a run's stored rows.
PredictionCounts count_predictions(Database& database, std::int64_t run_id);

/// Whether the label is among the k best; a failed image is wrong.
bool is_right(const PredictionRecord& row, std::size_t k);

/// Call inside a Transaction. InternalError if the run's dataset has no such sample or the image has its row already.
void insert_prediction(Database& database, std::int64_t run_id, std::int64_t dataset_id, const PredictionRecord& row);

NotFiniteRows read_not_finite(Database& database, std::int64_t run_id);

/// All rows of the run, by ordinal. DatabaseError if what a row says of itself does not follow from its classes.
void for_each_prediction(Database& database, std::int64_t run_id,
                         const std::function<void(const PredictionRecord&)>& visit);

}  // namespace qeval
