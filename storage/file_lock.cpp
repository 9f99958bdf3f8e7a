#include "storage/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <system_error>
#include <thread>

#include "pipeline/errors.h"
#include "storage/process_info.h"

namespace qeval {

namespace {

std::filesystem::path lock_path(const std::filesystem::path& database) {
  std::filesystem::path path = database;
  return path += ".lock";
}

/// A reader's probe holds the lock for an instant, and a killed holder's is freed a little after its end.
bool try_for_a_second(int descriptor) {
  for (int attempt = 0; attempt < 50; ++attempt) {
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) return true;
    if (errno != EWOULDBLOCK && errno != EINTR) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

/// For people only, never read back by a program's logic; so a full disk here is not an error.
void write_holder(int descriptor) {
  const ProcessInfo self = this_process();
  const std::string text =
      std::to_string(self.pid) + "\n" + self.host + "\n" + utc_now() + "\n" + self.command + "\n";
  if (ftruncate(descriptor, 0) != 0 || pwrite(descriptor, text.data(), text.size(), 0) < 0) return;
}

std::string describe_holder(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string pid, host, since, command;
  if (!std::getline(file, pid) || !std::getline(file, host) || !std::getline(file, since) ||
      !std::getline(file, command)) {
    return "another process";
  }
  return "pid " + pid + " on host " + host + " since " + since + " (command " + command + ")";
}

[[noreturn]] void throw_cannot_open(const std::filesystem::path& path, int error) {
  const std::string message = "cannot create " + path.string() + ": " + std::generic_category().message(error);
  if (error == ENOSPC || error == EDQUOT) throw RunError(message + "; free space, then `qeval resume`");
  throw DatabaseError(message + "; the database's folder must be writable, or use --db");
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& database) {
  const std::filesystem::path path = lock_path(database);
  descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw_cannot_open(path, errno);
  if (!try_for_a_second(descriptor_)) {
    close(descriptor_);
    throw DatabaseError("database " + database.string() + " is in use by " + describe_holder(path) +
                        "; wait for it or use --db");
  }
  write_holder(descriptor_);
}

FileLock::~FileLock() { close(descriptor_); }

bool FileLock::is_held(const std::filesystem::path& database) {
  const int descriptor = open(lock_path(database).c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return errno != ENOENT;
  const bool held = flock(descriptor, LOCK_SH | LOCK_NB) != 0;
  close(descriptor);
  return held;
}

}  // namespace qeval
