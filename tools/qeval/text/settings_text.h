#pragma once
/// What a variant will really do, echoed before any work: a wrong setting should be seen in the first second.
#include <string>

#include "jobs/prepare/prepared_variant.h"

namespace qeval {

std::string settings_text(const PreparedVariant& variant);

/// Device and library versions, the same for all variants of a job.
std::string device_text(const PreparedVariant& variant, const RunSettings& settings);

}  // namespace qeval
