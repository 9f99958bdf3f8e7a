#pragma once
/// Rows of layer sensitivity analyses. Thread-safety and errors: as Database.
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "storage/database.h"
#include "storage/records.h"

namespace qeval {

/// The analysis with this record's key: made with its groups if it is not there. One transaction.
std::int64_t open_sensitivity(Database& database, const SensitivityRecord& record);

/// One batch's parts, by group number, in one transaction. InternalError if the batch has parts already.
void insert_sensitivity_parts(Database& database, std::int64_t id, std::int64_t batch_number,
                              std::span<const SensitivityRow> parts);

std::vector<std::int64_t> read_sensitivity_batches(Database& database, std::int64_t id);

/// Per group the sum of its parts. Added up in batch order: the same bits whatever the order of computation was.
std::vector<SensitivityRow> read_sensitivity_sums(Database& database, std::int64_t id);

/// An analysis as far as it is.
struct StoredSensitivity {
  std::int64_t id = 0;
  SensitivityRecord record;
  std::int64_t batches_done = 0;
};

/// All analyses, oldest first.
std::vector<StoredSensitivity> read_sensitivities(Database& database);

}  // namespace qeval
