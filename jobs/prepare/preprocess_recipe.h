#pragma once
/// The job's declared preprocessing steps as stages/image understands them.
/// Errors: UsageError for a combination that the field table cannot rule out.
#include <vector>

#include "jobs/language/job_spec.h"
#include "stages/image/preprocess.h"

namespace qeval {

PreprocessRecipe make_preprocess_recipe(const std::vector<StepSpec>& steps);

}  // namespace qeval
