#pragma once
/// The job's declared preprocessing steps as stages/image understands them.
/// Errors: UsageError for a combination that the field table cannot rule out.
#include <vector>

#include "jobs/language/job_spec.h"
#include "stages/image/preprocess.h"

namespace qeval {

PreprocessRecipe make_preprocess_recipe(const std::vector<StepSpec>& steps);

/// Makes the recipe one for a network of so many channels. Returns what the user must know of it; empty: nothing.
/// InputError if no image has that many.
std::string take_channels(int channels, PreprocessRecipe& recipe);

}  // namespace qeval
