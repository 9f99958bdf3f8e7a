#pragma once
/// Regular files as the kernel describes them, and their bytes. Links are followed.
/// Thread-safety: free functions without state. Errors: UnreadableFile where the bytes are asked for.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace qeval {

/// What stat says of a file. Whoever changes its bytes changes one of these: the kernel alone sets `changed_ns`.
struct FileState {
  std::int64_t bytes = 0;
  std::int64_t device = 0, inode = 0;
  std::int64_t modified_ns = 0;  ///< mtime, since 1970
  std::int64_t changed_ns = 0;   ///< ctime
  bool operator==(const FileState&) const = default;
};

/// Nothing when there is no regular file at `path`. One system call: data sets have millions of files, sometimes on slow
/// network storage.
std::optional<FileState> regular_file_state(const std::filesystem::path& path);

/// There is no regular file, or its bytes cannot be had; what() says why, without the path.
class UnreadableFile : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// All bytes of a file that was opened once, and its state from before the first byte was read.
struct FileContent {
  FileState state;
  std::vector<std::uint8_t> bytes;
};
FileContent read_regular_file(const std::filesystem::path& path);

}  // namespace qeval
