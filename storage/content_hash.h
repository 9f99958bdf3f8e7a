#pragma once
/// What a run found out, as one digest: two runs with equal digests hold the same results to the bit.
/// Thread-safety and errors: as Database.
#include <cstdint>
#include <string>

#include "storage/database.h"

namespace qeval {

/// SHA-256 over the predictions by ordinal (label, top 5, probability, margin, status), then the encodings by role,
/// tensor and channel. Doubles count by their bits.
std::string content_hash(Database& database, std::int64_t run_id);

}  // namespace qeval
