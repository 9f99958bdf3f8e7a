#pragma once
/// A descriptor of a database file beside SQLite's own. POSIX drops all locks that a process has on a file as soon as
/// it closes any descriptor of it, SQLite's too: so descriptors of one file are closed together with the last of them.
/// Whoever holds one beside a Database must destroy the Database first.
/// Thread-safety: construction and destruction from any thread. Errors: see constructor.
#include <filesystem>

#include "storage/file_identity.h"

namespace qeval {

class DatabaseDescriptor {
 public:
  enum class Missing { create, refuse };

  /// Opens the file to read. RunError if the disk is full, else DatabaseError.
  DatabaseDescriptor(const std::filesystem::path& database, Missing missing);
  ~DatabaseDescriptor();
  DatabaseDescriptor(const DatabaseDescriptor&) = delete;
  DatabaseDescriptor& operator=(const DatabaseDescriptor&) = delete;

  int get() const { return descriptor_; }
  const FileIdentity& identity() const { return identity_; }

 private:
  int descriptor_;
  FileIdentity identity_;
};

/// RunError for a full disk, else DatabaseError: `path`, the database or a file beside it, cannot be created.
[[noreturn]] void throw_cannot_create(const std::filesystem::path& path, int error);

}  // namespace qeval
