#pragma once
/// A variant's network from its weights file, which is opened once per job and hashed as it is read. Thread-safety:
/// free functions.
#include <string>

#include "jobs/prepare/prepared_variant.h"

namespace qeval {

/// Fills the graph and what is known of the model. Its hash is there as soon as a weights file was read, whatever is
/// wrong with it. Errors: InputError for the files; UsageError for parameters.
void load_model(PreparedVariant& variant);

/// InputError unless the file has the SHA-256 that the job pins, if it pins one.
void check_pin(const ModelSpec& spec, const std::string& sha256);

}  // namespace qeval
