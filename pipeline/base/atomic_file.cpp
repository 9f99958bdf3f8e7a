#include "pipeline/base/atomic_file.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"

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

/// A descriptor of standard output that stands where it stands: opening it by a name would start at its beginning.
int share_standard_output() {
  std::fflush(stdout);
  return ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
}

}  // namespace

bool is_standard_output(const std::filesystem::path& file) {
  struct stat named, output;
  return ::stat(file.c_str(), &named) == 0 && ::fstat(STDOUT_FILENO, &output) == 0 && named.st_dev == output.st_dev &&
         named.st_ino == output.st_ino;
}

AtomicFile::AtomicFile(std::filesystem::path file) : file_(std::move(file)), place_(file_) {
  std::error_code unknown;  // what cannot be looked at cannot be opened either
  const std::filesystem::file_status status = std::filesystem::status(file_, unknown);
  if (is_directory(status)) throw UsageError(visible_name(file_.string()) + ": is a folder; name a file to write");
  if (is_standard_output(file_))
    fd_ = share_standard_output();
  else if (exists(status) && !is_regular_file(status))
    fd_ = ::open(file_.c_str(), O_WRONLY | O_CLOEXEC);
  else
    open_temporary();
  if (fd_ >= 0) return;
  const int error = errno;
  if (error == ENOSPC || error == EDQUOT || error == EIO) fail(error);
  throw UsageError(visible_name(file_.string()) + ": cannot write there: " + reason(error) +
                   "; choose another folder or create it");
}

void AtomicFile::open_temporary() {
  std::error_code absent;
  if (const auto target = std::filesystem::canonical(file_, absent); !absent) place_ = target;
  temporary_ = temporary_name(place_);
  fd_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
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
  if (!is_direct() && ::fsync(fd_) != 0) fail(errno);
  const int closed = ::close(fd_);
  fd_ = -1;
  if (closed != 0) fail(errno);
  if (is_direct()) return;
  if (::rename(temporary_.c_str(), place_.c_str()) != 0) fail(errno);
  temporary_.clear();
  sync_folder(place_.parent_path());
}

void AtomicFile::fail(int error) const {
  if (error == EPIPE) throw std::system_error(error, std::generic_category(), file_.string());
  const bool is_full = error == ENOSPC || error == EDQUOT;
  throw RunError(visible_name(file_.string()) + ": " +
                 (is_full ? "the disk is full" : "writing failed: " + reason(error)) + "; " +
                 (is_full ? "free some space" : "check the disk") + " and run it again" +
                 (is_direct() ? "" : " (nothing was left behind)"));
}

}  // namespace qeval
