#pragma once
/// In what the identity of a prepared variant differs from that of a stored run, down to the images.
/// Thread-safety: free function. Errors: as the database that is asked.
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "jobs/prepare/prepared_variant.h"
#include "storage/records.h"

namespace qeval {

/// How to ask a database, opened for whatever purpose.
struct StoredInputs {
  std::function<KeyComponents(const std::string& key)> components;
  std::function<std::vector<SampleRecord>(const std::string& fingerprint)> samples;
};

/// "batch_size, manifest (1 changed (val/a.jpg)), encodings (calibration_manifest (1 vanished (train/b.jpg)))"
std::string changed_inputs_text(const StoredInputs& stored, const RunRecord& run, const PreparedVariant& now);

}  // namespace qeval
