#pragma once
/// The job that a run stored, as text. Thread-safety: free functions. Errors: DatabaseError if what is stored is
/// damaged.
#include <string>

#include "storage/records.h"

namespace qeval {

/// As it was resolved.
std::string stored_job_json(const RunRecord& run);

/// The same as a job file, wherever it is put, behind a comment that says how it is run again. An output that only the
/// command line may name goes into that comment.
std::string stored_job_yaml(const RunRecord& run);

}  // namespace qeval
