#pragma once
/// Parts of what is stored with a run. Thread-safety: free functions.
#include <string>

#include <nlohmann/json.hpp>

#include "jobs/language/identity.h"
#include "storage/records.h"

namespace qeval {

/// Empty where the key has no such component.
std::string key_component(const RunRecord& run, const std::string& name);
std::string key_component(const KeyComponents& components, const std::string& name);

/// What the run's job says of a variant, in its order; null where it does not have it.
nlohmann::ordered_json variant_in_job(const RunRecord& run, const std::string& variant);

/// The job's compare.baseline; empty in jobs of earlier versions.
std::string baseline_in_job(const RunRecord& run);

}  // namespace qeval
