#pragma once
/// What a run's row says of the variant that it evaluates. Thread-safety: free function. Errors: none.
#include <string>

#include "jobs/language/job_spec.h"
#include "jobs/prepare/prepared_variant.h"
#include "storage/run_store.h"

namespace qeval {

/// The variant has its images and keys. `overrides_json`: what `resume` must apply again.
RunRequest make_request(const JobSpec& job, const PreparedVariant& v, const std::string& overrides_json);

}  // namespace qeval
