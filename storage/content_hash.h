#pragma once
/// What a run found out, as one digest: two runs with equal digests hold the same results to the bit.
/// Thread-safety and errors: as Database.
#include <cstdint>
#include <string>
#include <vector>

#include "pipeline/base/sha256.h"
#include "storage/database.h"
#include "storage/records.h"

namespace qeval {

/// SHA-256 over the predictions by ordinal (label, top 5, probability, margin, status), then the encodings by role,
/// tensor and channel. Doubles count by their bits.
class ContentHash {
 public:
  void add(const PredictionRecord& row);
  /// In hexadecimal digits. Ends it.
  std::string with(const std::vector<EncodingRecord>& encodings);

 private:
  Sha256 hash_;
  std::int64_t rows_ = 0;
};

/// Of a run.
std::string content_hash(Database& database, std::int64_t run_id);

}  // namespace qeval
