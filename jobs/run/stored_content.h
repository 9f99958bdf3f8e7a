#pragma once
/// Content of the database that storage gives back without knowing what it means. Thread-safety: free functions.
#include <filesystem>
#include <functional>
#include <string>

#include "jobs/language/identity.h"

namespace qeval {

/// Throws as throw_damaged unless the components of `what` are those its key was made of.
void require_whole_key(const std::filesystem::path& database, const std::string& what, const std::string& key,
                       const KeyComponents& components);

/// Lets `take` put stored content to use. Where that is a RunError, the content is not what was written, and this
/// throws as throw_damaged does; all else, memory that is not there among it, says nothing of the content and passes.
void take_stored(const std::filesystem::path& database, const std::string& what, const std::function<void()>& take);

}  // namespace qeval
