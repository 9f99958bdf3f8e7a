#pragma once
/// In what two identities differ, named by the fields of the job that decide it, down to the images.
/// Thread-safety: free functions. Errors: as the database that is asked.
#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "jobs/prepare/prepared_variant.h"
#include "storage/records.h"

namespace qeval {

/// How to ask a database, opened for whatever purpose.
struct StoredInputs {
  std::function<KeyComponents(const std::string& key)> components;
  std::function<std::vector<SampleRecord>(const std::string& fingerprint)> samples;
};

/// What decides a run's bits, with what its key does not hold: names. Images are asked for where they differ.
struct Identity {
  KeyComponents evaluation, encodings, tuning;                     ///< empty: it has none, or nobody stored it
  std::function<std::vector<SampleRecord>()> images, calibration;  ///< none: not known
  nlohmann::ordered_json variant;                                  ///< what its job says of it
};

/// `stored` must outlive it.
Identity stored_identity(const StoredInputs& stored, const RunRecord& run);
/// `job` and `now` must outlive it.
Identity present_identity(const JobSpec& job, const PreparedVariant& now);

/// The key in a component that stands for something computed before: "calibrated KEY" with the word "calibrated", or
/// with any where `word` is empty. Empty if it is another one.
std::string key_of_computed(const std::string& component, const std::string& word);

struct InputChange {
  std::string input;          ///< a field of the job: "run.batch_size"; else what it is: "images", "environment"
  std::string before, after;  ///< as the key has them; "none" where it has no such part
  std::string detail{};       ///< says more than the two of them: "1 changed (val/a.jpg)"
};

/// A component of a key as people know it: "model.weights" for "weights_sha256".
std::string input_name(const std::string& component);

/// In the order of the key's components. Not empty where the keys differ.
std::vector<InputChange> changed_inputs(const Identity& before, const Identity& after);

/// "preprocess.resize.short_side 248 → 256", "images (1 changed (val/a.jpg))"
std::string change_text(const InputChange& change);

/// All of them, with ", " between.
std::string changed_inputs_text(const Identity& before, const Identity& after);

}  // namespace qeval
