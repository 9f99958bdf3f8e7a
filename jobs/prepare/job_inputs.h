#pragma once
/// Every file that a job reads, so that no output takes the place of one. Thread-safety: free function.
#include <filesystem>
#include <span>

#include "jobs/language/job_spec.h"
#include "jobs/prepare/image_sets.h"
#include "jobs/prepare/output_files.h"

namespace qeval {

/// The files and images of all the job's variants: what one writes, another may read. `external_files`: those that ONNX
/// models name. `job` and `images` must outlive `outputs`.
void add_inputs(const JobSpec& job, std::span<const std::filesystem::path> external_files, ImageSets& images,
                OutputFiles& outputs);

}  // namespace qeval
