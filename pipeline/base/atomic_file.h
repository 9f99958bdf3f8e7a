#pragma once
/// Writes a file so that the name shows the old content or the complete new one, also after a power cut.
/// Symbolic links are followed. What is no file that could be replaced is written directly, byte for byte as it comes:
/// standard output under whatever name (/dev/stdout, or the file it goes to, which others may be writing), and devices,
/// pipes and sockets.
/// Thread-safety: one thread per object.
/// Errors: UsageError when the place cannot be written to at all; RunError for a full disk or an I/O error. In both
/// cases the temporary file is removed and an existing file is left as it was. std::system_error (broken_pipe) when the
/// reader of a pipe went away.
#include <cstddef>
#include <filesystem>

namespace qeval {

/// Standard output under whatever name.
bool is_standard_output(const std::filesystem::path& file);

class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path file);
  ~AtomicFile();  ///< removes the temporary file unless commit() succeeded
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* data, std::size_t size);
  /// Syncs, renames over the target, syncs the folder. Closes what is written directly.
  void commit();

 private:
  bool is_direct() const { return temporary_.empty(); }
  void open_temporary();
  [[noreturn]] void fail(int error) const;

  std::filesystem::path file_;       ///< as named
  std::filesystem::path place_;      ///< what the name leads to
  std::filesystem::path temporary_;  ///< beside it; empty if written directly, or renamed
  int fd_ = -1;
};

}  // namespace qeval
