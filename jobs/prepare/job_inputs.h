#pragma once
/// Every file that a job's variant reads, so that no output takes the place of one. Thread-safety: free function.
#include "jobs/language/job_spec.h"
#include "jobs/prepare/output_files.h"
#include "jobs/prepare/prepared_variant.h"

namespace qeval {

/// All variants' files, what one writes another may read, and the images of this one. `variant` must outlive `outputs`.
void add_inputs(const JobSpec& job, const PreparedVariant& variant, OutputFiles& outputs);

}  // namespace qeval
