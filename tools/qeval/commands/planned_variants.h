#pragma once
/// A job's variants as a run would begin with them. Thread-safety: free function. Errors: as check_variants.
#include <cstdint>
#include <optional>
#include <vector>

#include "jobs/prepare/prepared_variant.h"

namespace qeval {

/// Up to their images and keys; `limit`: of images. All complaints at once.
std::vector<PreparedVariant> planned_variants(const JobSpec& job, std::optional<std::int64_t> limit);

}  // namespace qeval
