#pragma once
/// What "<db>.lock" says of the process that holds the lock, or held it last. Thread-safety: free functions.
#include <filesystem>
#include <string>

namespace qeval {

std::filesystem::path lock_path(const std::filesystem::path& database);

/// Of the file that is written (see written_name.h). Two that differ: the second is still to be moved into the main
/// file.
struct FileIds {
  std::string main_file;  ///< "" if nobody has written under this name yet
  std::string newest;
  bool operator==(const FileIds&) const = default;
  bool include(const std::string& id) const { return id == main_file || id == newest; }
};

/// Who this process is, for people, and the ids of the file that it writes. A full disk is not an error.
void write_holder(int descriptor, const FileIds& ids);

std::string describe_holder(const std::filesystem::path& database);

FileIds last_holder_file_ids(const std::filesystem::path& database);

}  // namespace qeval
