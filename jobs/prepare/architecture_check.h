#pragma once
/// What can be said of a job's architecture without its weights. Thread-safety: free function.
#include "jobs/language/job_spec.h"
#include "jobs/prepare/job_complaints.h"

namespace qeval {

/// Complains about an unknown architecture and about every parameter that it does not have or cannot take; true if
/// there is nothing to complain about. A network that its file holds (arch: onnx) has no architecture to check.
[[nodiscard]] bool check_architecture(const ModelSpec& model, VariantComplaints& complaints);

}  // namespace qeval
