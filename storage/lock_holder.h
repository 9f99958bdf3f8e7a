#pragma once
/// What "<db>.lock" says of the process that holds the lock, or held it last. Thread-safety: free functions.
#include <filesystem>
#include <string>

namespace qeval {

std::filesystem::path lock_path(const std::filesystem::path& database);

/// Who this process is, for people, and the id of the file that it writes. A full disk is not an error.
void write_holder(int descriptor, const std::string& file_id);

std::string describe_holder(const std::filesystem::path& database);

/// "" if nobody has written under this name yet.
std::string last_holder_file_id(const std::filesystem::path& database);

}  // namespace qeval
