#pragma once
/// A declared data set, opened: scanned or read, and cut down to its subset.
/// Errors: InputError naming folder or file.
#include <optional>

#include "jobs/job_spec.h"
#include "stages/dataset/manifest.h"

namespace qeval {

/// `limit`: keep only the first images (the command line's --limit).
Manifest open_dataset(const DatasetSpec& spec, std::optional<std::int64_t> limit = std::nullopt);

}  // namespace qeval
