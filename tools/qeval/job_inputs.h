#pragma once
/// Every file that a job reads, so that no output takes the place of one. Thread-safety: free function.
#include <span>

#include "jobs/job_spec.h"
#include "tools/qeval/image_sets.h"
#include "tools/qeval/output_files.h"
#include "tools/qeval/prepared_variant.h"

namespace qeval {

/// The files and images of all the job's variants: what one writes, another may read. `variants` are those of them that are
/// prepared. `job` and `images` must outlive `outputs`.
void add_inputs(const JobSpec& job, std::span<const PreparedVariant> variants, ImageSets& images,
                OutputFiles& outputs);

}  // namespace qeval
