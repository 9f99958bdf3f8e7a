#pragma once
/// Content of the database that storage gives back without knowing what it means. Thread-safety: free functions.
#include <string>

#include "jobs/identity.h"

namespace qeval {

/// DatabaseError with the advice what to do: what is stored is not what was written, as `what` says.
[[noreturn]] void throw_damaged(const std::string& what);

/// Throws unless the components of `what` are those its key was made of.
void require_whole_key(const std::string& what, const std::string& key, const KeyComponents& components);

}  // namespace qeval
