#pragma once
/// The writer lock of a database: flock on "<db>.lock". The kernel drops it when the process ends, however it ends, so
/// no stale lock is possible and nobody ever removes the file.
/// Thread-safety: one thread at a time. Errors: DatabaseError (held by whom; folder not writable), RunError (disk full).
#include <filesystem>
#include <string>

namespace qeval {

class FileLock {
 public:
  /// Takes the lock of `database`, waiting up to a second for a holder on its way out; then says who holds it.
  explicit FileLock(const std::filesystem::path& database);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  /// Whether a live process holds the lock of `database`. If that cannot be found out, it is taken to be held.
  static bool is_held(const std::filesystem::path& database);

 private:
  int descriptor_ = -1;
};

}  // namespace qeval
