#pragma once
/// Regular files as the kernel describes them, and their bytes. Links are followed.
/// Thread-safety: free functions without state; a RegularFile belongs to one thread. Errors: UnreadableFile where a
/// file is opened or read.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
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

/// Nothing when there is no regular file at `path`. One system call: data sets have millions of files, sometimes on
/// slow network storage.
std::optional<FileState> regular_file_state(const std::filesystem::path& path);

/// There is no regular file, or its bytes cannot be had; what() says why, without the path.
class UnreadableFile : public std::runtime_error {
 public:
  enum class Why { missing, forbidden, folder, not_regular, other };
  UnreadableFile(Why why, const std::string& what) : std::runtime_error(what), why_(why) {}
  Why why() const noexcept { return why_; }

 private:
  Why why_;
};

/// A file that was opened once and is read from its beginning to its end, however often. Owns its descriptor.
class RegularFile {
 public:
  explicit RegularFile(const std::filesystem::path& path);
  ~RegularFile();
  RegularFile(const RegularFile&) = delete;
  RegularFile& operator=(const RegularFile&) = delete;

  const FileState& state() const { return state_; }  ///< from before the first byte was read
  FileState state_now() const;
  /// Fills the front of `target` with the next bytes and returns their number; 0 at the end.
  std::size_t read(std::span<std::uint8_t> target);
  /// The next byte is the first one.
  void rewind();

 private:
  int fd_;
  FileState state_;
};

/// All bytes of a RegularFile, and its state().
struct FileContent {
  FileState state;
  std::vector<std::uint8_t> bytes;
};
FileContent read_regular_file(const std::filesystem::path& path);

}  // namespace qeval
