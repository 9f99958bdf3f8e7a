#pragma once
/// AIMET QuantSim configuration files (quantsim_config.json): the schema and the semantic rules of AIMET 2.42's
/// quantsim_config_schema.py and json_config_importer.py, checked key by key.
/// `supported_kernels` is checked and not kept: AIMET uses it for mixed precision, and otherwise only when it enforces
/// a target's kernels, which is off. Thread-safety: free functions. Errors: InputError "FILE:line:column: /section/key:
/// what is wrong, what to write".
#include <filesystem>

#include "stages/quant/placement/quantsim_settings.h"

namespace qeval {

QuantsimSettings read_quantsim_file(const std::filesystem::path& file);

}  // namespace qeval
