#pragma once
/// The job's gates: a metric against its reference.
#include <string>
#include <vector>

#include "jobs/language/job_spec.h"
#include "storage/records.h"

namespace qeval {

/// Fraction of all images, failed ones counting as wrong.
double accuracy_of(const std::string& metric, const RunRecord& run);

/// One text per gate that `run` misses.
std::vector<std::string> missed_gates(const std::vector<GateSpec>& gates, const RunRecord& run);

}  // namespace qeval
