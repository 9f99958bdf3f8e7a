#include "stages/model/atomic_file.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

#include "pipeline/errors.h"

namespace qeval {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

std::filesystem::path temporary_name(const std::filesystem::path& file) {
  static std::atomic<unsigned> counter{0};
  return file.string() + ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
}

void sync_folder(const std::filesystem::path& folder) {
  const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;  // a folder that may be written but not read: the rename itself still happened
  ::fsync(fd);         // some file systems refuse it for folders (EINVAL); nothing better can be done there
  ::close(fd);
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path file) : file_(std::move(file)), temporary_(temporary_name(file_)) {
  if (std::filesystem::is_directory(file_)) throw UsageError(file_.string() + ": is a folder; name a file to write");
  fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd_ >= 0) return;
  const int error = errno;
  if (error == ENOSPC || error == EDQUOT || error == EIO) fail(error);
  throw UsageError(file_.string() + ": cannot write there: " + reason(error) + "; choose another folder or create it");
}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(const void* data, std::size_t size) {
  constexpr std::size_t most_per_call = std::size_t{1} << 30;
  const char* position = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = ::write(fd_, position, std::min(size, most_per_call));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(errno);
    position += written;
    size -= static_cast<std::size_t>(written);
  }
}

void AtomicFile::commit() {
  if (::fsync(fd_) != 0) fail(errno);
  const int closed = ::close(fd_);
  fd_ = -1;
  if (closed != 0) fail(errno);
  if (::rename(temporary_.c_str(), file_.c_str()) != 0) fail(errno);
  temporary_.clear();
  sync_folder(file_.parent_path());
}

void AtomicFile::fail(int error) const {
  const bool is_full = error == ENOSPC || error == EDQUOT;
  throw RunError(file_.string() + ": " + (is_full ? "the disk is full" : "writing failed: " + reason(error)) + "; " +
                 (is_full ? "free some space" : "check the disk") + " and run it again (nothing was left behind)");
}

}  // namespace qeval
