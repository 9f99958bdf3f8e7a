#pragma once
/// Everything that a JobSpec says, as text, so that two of them can be compared whole.
#include <string>

#include "jobs/language/job_spec.h"

namespace qeval::test {

/// All but the texts it was read from.
std::string described(const JobSpec& job);

}  // namespace qeval::test
