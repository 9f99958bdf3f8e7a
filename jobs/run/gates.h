#pragma once
/// The job's gates: a metric against its reference, or against the baseline. Thread-safety: free functions.
#include <string>
#include <vector>

#include "jobs/compare/stored_baseline.h"
#include "jobs/language/job_spec.h"
#include "storage/records.h"

namespace qeval {

/// Fraction of all images, failed ones counting as wrong.
double accuracy_of(Metric metric, const RunRecord& run);

/// One text per gate that `run` misses.
std::vector<std::string> missed_gates(const std::vector<GateSpec>& gates, const RunRecord& run);

/// One text per gate that a drop misses: one that is larger than is allowed and real, or one that nobody can tell.
std::vector<std::string> missed_drop_gates(const std::vector<DropGateSpec>& gates, const std::optional<Drop>& drop);

}  // namespace qeval
