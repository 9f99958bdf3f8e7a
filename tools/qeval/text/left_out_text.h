#pragma once
/// How a job's left out variants are told. Thread-safety: free function.
#include <string>

#include "jobs/language/job_spec.h"

namespace qeval {

/// One line for each; empty: there are none.
std::string left_out_text(const JobSpec& job);

}  // namespace qeval
