#pragma once
/// The writer lock of a database, in two parts that the kernel drops when the process ends, however it ends, so that no
/// stale lock is possible: flock on "<db>.lock", which also tells people who holds it and which nobody ever removes,
/// and flock on the database itself, which is the same for all names of the file. Network file systems make SQLite's
/// kind of lock out of flock, so there the second part is left out. Thread-safety: one thread at a time. Errors:
/// DatabaseError (held by whom; folder not writable), RunError (disk full). Both classes keep descriptors of the
/// database: destroy every Database on the file before them.
#include <filesystem>
#include <memory>
#include <string>

#include "storage/database_descriptor.h"
#include "storage/lock_holder.h"

namespace qeval {

class FileLock {
 public:
  /// Takes the lock of an existing `database`, waiting up to a second for a holder on its way out; then says who holds
  /// it.
  explicit FileLock(const std::filesystem::path& database);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  /// Leaves the ids of the file for whoever comes next.
  void tell_file_ids(const FileIds& ids);

 private:
  void lock_name(const std::filesystem::path& database);
  void lock_file(const std::filesystem::path& database);

  int name_descriptor_ = -1;
  std::unique_ptr<DatabaseDescriptor> file_;  ///< none on a network file system
};

/// Looks whether a live process holds the lock of an existing database.
class LockProbe {
 public:
  explicit LockProbe(const std::filesystem::path& database);
  /// If it cannot be found out, it is taken to be held.
  bool is_held() const;
  /// Who holds it, in words; empty if nobody does.
  std::string holder() const;

 private:
  bool is_file_held() const;
  bool is_name_held() const;

  std::filesystem::path database_;
  std::unique_ptr<DatabaseDescriptor> file_;
};

}  // namespace qeval
