#pragma once
/// Which file a name leads to, whatever it is called: hard links, links and bind mounts of one file are equal.
/// Thread-safety: free functions and values.
#include <sys/types.h>

#include <compare>
#include <filesystem>
#include <optional>

namespace qeval {

struct FileIdentity {
  dev_t device = 0;
  ino_t inode = 0;
  auto operator<=>(const FileIdentity&) const = default;
};

/// Nothing if there is no such file, or none that can be seen.
std::optional<FileIdentity> identity_of(const std::filesystem::path& file);
/// Of an open file.
FileIdentity identity_of(int descriptor);

}  // namespace qeval
