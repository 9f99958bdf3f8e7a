#pragma once
/// What the exception being handled means to the user. Thread-safety: free function.
#include <string>

#include "pipeline/base/errors.h"

namespace qeval {

/// Call from a catch block. An Error stays what it is; no memory, and what the system refused, is run_failed; a
/// logic_error is internal; all else is run_failed. `where` comes before the message.
Error current_error(const std::string& where = "");

}  // namespace qeval
