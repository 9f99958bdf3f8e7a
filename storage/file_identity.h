#pragma once
/// Which file a name leads to, whatever it is called: hard links, links and bind mounts of one file are equal.
/// Thread-safety: free functions and values.
#include <sys/types.h>

#include <compare>
#include <ctime>
#include <filesystem>
#include <optional>

namespace qeval {

struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  auto operator<=>(const FileIdentity&) const = default;
};

/// What changes as soon as somebody writes into a file.
struct FileLook {
  off_t bytes = 0;
  time_t seconds = 0;
  long nanoseconds = 0;  ///< with the seconds: when it was last written
  auto operator<=>(const FileLook&) const = default;
};

/// Nothing if there is no such file, or none that can be seen.
std::optional<FileIdentity> identity_of(const std::filesystem::path& file);
std::optional<FileLook> look_of(const std::filesystem::path& file);
/// Of an open file.
FileIdentity identity_of(int descriptor);

}  // namespace qeval
