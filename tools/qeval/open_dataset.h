#pragma once
/// A declared data set, opened: scanned or read, and cut down to its subset. Thread-safety: free functions.
#include <optional>

#include <string>

#include "jobs/job_spec.h"
#include "stages/dataset/manifest.h"
#include "tools/qeval/job_complaints.h"

namespace qeval {

/// Where a data set stands in the job.
enum class DatasetSection { evaluation, calibration };

/// What needs no image: root, list and subset exist, the list's first line is understood.
void check_dataset(const DatasetSpec& spec, DatasetSection section, VariantComplaints& complaints);

/// `limit`: keep only the first images (the command line's --limit). Empty if there was something to complain about.
Manifest open_dataset(const DatasetSpec& spec, DatasetSection section, std::optional<std::int64_t> limit,
                      VariantComplaints& complaints);

}  // namespace qeval
