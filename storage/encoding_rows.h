#pragma once
/// Encoding sets and the calibration that leads to them. Thread-safety and errors: as Database.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "storage/database.h"
#include "storage/records.h"
#include "storage/run_store.h"

namespace qeval {

std::optional<std::int64_t> find_encoding_set_id(Database& database, const std::string& cache_key);
/// Oldest first.
std::vector<EncodingSetSummary> read_encoding_sets(Database& database);
EncodingSetRecord read_encoding_set(Database& database, std::int64_t set_id);
/// Ordered by role, tensor, channel.
std::vector<EncodingRecord> read_encodings(Database& database, std::int64_t set_id);
/// Those the run was computed with; none for a float run.
std::vector<EncodingRecord> read_run_encodings(Database& database, std::int64_t run_id);

/// The set that the run was computed with, whole; nothing for a run without.
std::optional<EncodingSetRecord> read_run_encoding_set(Database& database, std::int64_t run_id);

/// One transaction each.
std::int64_t save_encoding_set(Database& database, const EncodingSetRecord& set);
void save_calibration_progress(Database& database, const std::string& cache_key, std::int64_t batches_done,
                               const std::vector<std::vector<std::uint8_t>>& states);

std::int64_t read_calibration_batches_done(Database& database, const std::string& cache_key);
CalibrationProgress read_calibration_progress(Database& database, const std::string& cache_key);

}  // namespace qeval
