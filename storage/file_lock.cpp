#include "storage/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>

#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"
#include "storage/file_system.h"
#include "storage/written_name.h"

namespace qeval {

namespace {

/// A reader's probe holds the lock for an instant, and a killed holder's is freed a little after its end.
bool try_for_a_second(int descriptor) {
  for (int attempt = 0; attempt < 50; ++attempt) {
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

/// Nothing on network file systems.
std::unique_ptr<DatabaseDescriptor> lockable_file(const std::filesystem::path& database) {
  if (is_on_network_file_system(database)) return nullptr;
  return std::make_unique<DatabaseDescriptor>(database, DatabaseDescriptor::Missing::refuse);
}

[[noreturn]] void throw_in_use(const std::filesystem::path& database, const std::string& holder) {
  throw DatabaseError("database " + visible_name(database.string()) + " is in use by " + holder +
                      "; wait for it or use --db");
}

/// The holder described itself beside the name that it uses.
std::string describe_holder_of_other_name(const std::filesystem::path& database) {
  const auto name = stored_name(database);
  if (!name || *name == database) return "another process";
  return describe_holder(*name) + " under the name " + visible_name(name->string());
}

bool is_locked(int descriptor) {
  if (flock(descriptor, LOCK_SH | LOCK_NB) != 0) return true;
  flock(descriptor, LOCK_UN);
  return false;
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& database) {
  lock_name(database);
  try {
    lock_file(database);
  } catch (...) {
    close(name_descriptor_);
    throw;
  }
  write_holder(name_descriptor_, last_holder_file_ids(database));
}

void FileLock::tell_file_ids(const FileIds& ids) { write_holder(name_descriptor_, ids); }

FileLock::~FileLock() { close(name_descriptor_); }

void FileLock::lock_name(const std::filesystem::path& database) {
  const std::filesystem::path path = lock_path(database);
  name_descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (name_descriptor_ < 0) throw_cannot_create(path, errno);
  if (try_for_a_second(name_descriptor_)) return;
  close(name_descriptor_);
  throw_in_use(database, describe_holder(database));
}

void FileLock::lock_file(const std::filesystem::path& database) {
  file_ = lockable_file(database);
  if (!file_) return;
  if (!try_for_a_second(file_->get())) throw_in_use(database, describe_holder_of_other_name(database));
  if (identity_of(database) != file_->identity())
    throw DatabaseError("database " + visible_name(database.string()) +
                        " was moved or replaced at this moment; try again");
}

LockProbe::LockProbe(const std::filesystem::path& database) : database_(database), file_(lockable_file(database)) {}

bool LockProbe::is_held() const { return is_file_held() || is_name_held(); }

bool LockProbe::is_file_held() const { return file_ && is_locked(file_->get()); }

bool LockProbe::is_name_held() const {
  const int descriptor = open(lock_path(database_).c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return errno != ENOENT;
  const bool held = is_locked(descriptor);
  close(descriptor);
  return held;
}

std::string LockProbe::holder() const {
  if (is_name_held()) return describe_holder(database_);
  return is_file_held() ? describe_holder_of_other_name(database_) : "";
}

}  // namespace qeval
