#pragma once
/// The variant that a verb about one quantized network works on. Thread-safety: free function.
#include <string>

#include "jobs/language/job_spec.h"

namespace qeval {

/// The only quantized one of the job's chosen variants. UsageError, naming `verb`, if there is none or a choice is
/// left.
const VariantSpec& only_quantized_variant(const JobSpec& job, const std::string& verb);

}  // namespace qeval
