#include "stages/dataset/regular_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace qeval {
namespace {

constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

std::int64_t nanoseconds(const timespec& time) { return time.tv_sec * nanoseconds_per_second + time.tv_nsec; }

FileState state_of(const struct stat& status) {
  return {status.st_size, static_cast<std::int64_t>(status.st_dev), static_cast<std::int64_t>(status.st_ino), nanoseconds(status.st_mtim),
          nanoseconds(status.st_ctim)};
}

[[noreturn]] void fail() { throw UnreadableFile(std::strerror(errno)); }

class Descriptor {
 public:
  // O_NONBLOCK: opening a pipe must not hang before the check that it is a regular file.
  explicit Descriptor(const std::filesystem::path& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (fd_ < 0) fail();
  }
  ~Descriptor() { ::close(fd_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace

std::optional<FileState> regular_file_state(const std::filesystem::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return state_of(status);
}

FileContent read_regular_file(const std::filesystem::path& path) {
  const Descriptor descriptor(path);
  struct stat status {};
  if (::fstat(descriptor.get(), &status) != 0) fail();
  if (!S_ISREG(status.st_mode)) throw UnreadableFile("not a regular file");
  FileContent content{state_of(status), std::vector<std::uint8_t>(static_cast<std::size_t>(status.st_size))};
  std::size_t done = 0;
  while (done < content.bytes.size()) {
    const ssize_t n = ::read(descriptor.get(), content.bytes.data() + done, content.bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail();
    if (n == 0) throw UnreadableFile("it became shorter while it was read");
    done += static_cast<std::size_t>(n);
  }
  return content;
}

}  // namespace qeval
