#pragma once
/// What is said of a database that holds what qeval did not write. Thread-safety: free functions.
#include <filesystem>
#include <string>

namespace qeval {

/// DatabaseError with the advice what to do: what is stored is not what was written, as `what` says.
[[noreturn]] void throw_damaged(const std::filesystem::path& database, const std::string& what);

}  // namespace qeval
