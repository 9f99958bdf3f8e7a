#pragma once
/// Whether a database that is being written is still where it was opened. SQLite itself writes on into a file that was
/// deleted, moved or replaced, and what it writes is lost.
/// Thread-safety: const after construction.
#include <filesystem>
#include <optional>

#include "storage/file_identity.h"

namespace qeval {

class FilePlace {
 public:
  /// Remembers the file that the name leads to now. On network file systems, where numbers of files may change, only
  /// that there is one.
  explicit FilePlace(std::filesystem::path database);

  bool holds() const;
  /// DatabaseError that says what became of the file and what to do, unless it holds. One or two calls of stat.
  void require() const;

 private:
  std::filesystem::path database_;
  std::optional<FileIdentity> identity_;
};

}  // namespace qeval
