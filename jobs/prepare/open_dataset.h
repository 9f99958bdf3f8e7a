#pragma once
/// A declared data set, opened: scanned or read, and cut down to its subset. Thread-safety: free functions.
#include <optional>

#include <string>

#include "jobs/language/job_spec.h"
#include "jobs/prepare/image_sets.h"
#include "jobs/prepare/job_complaints.h"
#include "stages/dataset/manifest.h"

namespace qeval {

/// Where a data set stands in the job.
enum class DatasetSection { evaluation, calibration };

/// What needs no image: root, list and subset exist, the list's first line is understood.
void check_dataset(const DatasetSpec& spec, DatasetSection section, VariantComplaints& complaints);

/// With known contents. `limit`: keep so many images, spread over the classes (the command line's --limit). Empty if
/// there was something to complain about. Errors: as ImageSets, but for InputErrors.
Manifest open_dataset(const DatasetSpec& spec, DatasetSection section, std::optional<std::int64_t> limit,
                      ImageSets& images, VariantComplaints& complaints);

}  // namespace qeval
