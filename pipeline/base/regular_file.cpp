#include "pipeline/base/regular_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace qeval {
namespace {

constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

std::int64_t nanoseconds(const timespec& time) { return time.tv_sec * nanoseconds_per_second + time.tv_nsec; }

FileState state_of(const struct stat& status) {
  return {status.st_size, static_cast<std::int64_t>(status.st_dev), static_cast<std::int64_t>(status.st_ino),
          nanoseconds(status.st_mtim), nanoseconds(status.st_ctim)};
}

[[noreturn]] void fail() {
  using Why = UnreadableFile::Why;
  const int error = errno;
  const Why why = error == ENOENT || error == ENOTDIR ? Why::missing
                  : error == EACCES || error == EPERM ? Why::forbidden
                                                      : Why::other;
  throw UnreadableFile(why, std::generic_category().message(error));
}

struct stat examine(int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) fail();
  return status;
}

FileState state_of_regular(int fd) {
  const struct stat status = examine(fd);
  if (S_ISDIR(status.st_mode)) throw UnreadableFile(UnreadableFile::Why::folder, "not a regular file");
  if (!S_ISREG(status.st_mode)) throw UnreadableFile(UnreadableFile::Why::not_regular, "not a regular file");
  return state_of(status);
}

}  // namespace

std::optional<FileState> regular_file_state(const std::filesystem::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return state_of(status);
}

// O_NONBLOCK: opening a pipe must not hang before the check that it is a regular file.
RegularFile::RegularFile(const std::filesystem::path& path)
    : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
  if (fd_ < 0) fail();
  try {
    state_ = state_of_regular(fd_);
  } catch (...) {
    ::close(fd_);
    throw;
  }
}

RegularFile::~RegularFile() { ::close(fd_); }

FileState RegularFile::state_now() const { return state_of(examine(fd_)); }

std::size_t RegularFile::read(std::span<std::uint8_t> target) {
  ssize_t count = 0;
  do {
    count = ::read(fd_, target.data(), target.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) fail();
  return static_cast<std::size_t>(count);
}

void RegularFile::rewind() {
  if (::lseek(fd_, 0, SEEK_SET) != 0) fail();
}

FileContent read_regular_file(const std::filesystem::path& path) {
  RegularFile file(path);
  FileContent content{file.state(), std::vector<std::uint8_t>(static_cast<std::size_t>(file.state().bytes))};
  for (std::span<std::uint8_t> left = content.bytes; !left.empty();) {
    const std::size_t count = file.read(left);
    if (count == 0) throw UnreadableFile(UnreadableFile::Why::other, "it became shorter while it was read");
    left = left.subspan(count);
  }
  return content;
}

}  // namespace qeval
