#pragma once
/// Whether a database that is being written is still what it was when it was opened. SQLite itself writes on into a
/// file that was deleted, moved, replaced or overwritten, and what it writes is lost or does harm. Keeps a descriptor
/// of the database: destroy every Database on the file before it. Thread-safety: one thread at a time.
#include <filesystem>
#include <optional>

#include "storage/database_descriptor.h"
#include "storage/lock_holder.h"

namespace qeval {

class FilePlace {
 public:
  /// Remembers the file that the name leads to now and the ids that it may store. On network file systems, where
  /// numbers of files may change, only the ids. Errors: as DatabaseDescriptor.
  FilePlace(const std::filesystem::path& database, FileIds ids);

  bool holds() const;
  /// DatabaseError that says what became of the file and what to do, unless it holds. Mostly one call of stat.
  void require() const;
  /// After something of one's own was written, which may change what the file looks like: DatabaseError as require, if
  /// somebody else wrote into it at that very moment.
  void accept_own_write();

 private:
  [[noreturn]] void refuse() const;

  std::filesystem::path database_;
  FileIds ids_;
  DatabaseDescriptor held_;
  bool numbers_stay_;  ///< of files: not on network file systems
  std::optional<FileLook> look_;
};

}  // namespace qeval
