#pragma once
/// What a job says of quantization as the placement takes it. Thread-safety: free function.
/// Errors: InputError for a configuration that is neither a preset nor a file, or a wrong file.
#include "jobs/language/job_spec.h"
#include "stages/quant/placement/quantsim_config.h"

namespace qeval {

QuantRecipe make_recipe(const QuantizationSpec& spec);

}  // namespace qeval
