#pragma once
/// What this user's qeval processes remember of files, whatever results database they use: the SHA-256 of files that
/// were read, with what stat said of them, so that an unchanged file is not read again; and of files that qeval wrote,
/// so that it replaces nobody else's. A small database of its own; losing it costs reading everything once more.
///
/// Several processes may use it at once. Thread-safety: one thread at a time. Errors: as Database. A row that was
/// damaged is as if it were not there.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/base/sha256.h"

namespace qeval {

struct RememberedFile {
  std::string path;  ///< absolute
  std::int64_t bytes = 0, device = 0, inode = 0, modified_ns = 0, changed_ns = 0;
  Sha256Digest sha256{};
};

class FileMemory {
 public:
  /// Creates the file and its folder if absent. A memory of another qeval, or one without its tables, is begun anew.
  explicit FileMemory(const std::filesystem::path& file);
  ~FileMemory();
  FileMemory(const FileMemory&) = delete;
  FileMemory& operator=(const FileMemory&) = delete;

  /// Files that were read, somewhere below this absolute folder.
  std::vector<RememberedFile> read_below(const std::string& folder);
  /// One transaction. What was remembered of the same paths before is replaced.
  void remember_read(std::span<const RememberedFile> files);

  /// What qeval wrote last under this absolute path.
  std::optional<Sha256Digest> written(const std::string& path);
  void remember_written(const std::string& path, const Sha256Digest& sha256);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qeval
