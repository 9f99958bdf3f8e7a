#pragma once
/// Writes a file so that the name shows the old content or the complete new one, also after a power cut.
/// Thread-safety: one thread per object.
/// Errors: UsageError when the place cannot be written to at all; RunError for a full disk or an I/O error. In both
/// cases the temporary file is removed and an existing file is left as it was.
#include <cstddef>
#include <filesystem>

namespace qeval {

class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path file);
  ~AtomicFile();  ///< removes the temporary file unless commit() succeeded
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* data, std::size_t size);
  /// Syncs, renames over the target, syncs the folder.
  void commit();

 private:
  [[noreturn]] void fail(int error) const;

  std::filesystem::path file_, temporary_;
  int fd_ = -1;
};

}  // namespace qeval
