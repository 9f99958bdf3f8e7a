#include "stages/model/mapped_file.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/errors.h"

namespace qeval {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what, const std::string& fix) {
  throw InputError(file.string() + ": " + what + "; " + fix);
}

std::string reason(int error) { return std::generic_category().message(error); }

[[noreturn]] void fail_open(const std::filesystem::path& file, int error) {
  if (error == ENOENT || error == ENOTDIR) fail(file, "no such weights file", "check the path");
  if (error == EACCES || error == EPERM)
    fail(file, "no permission to read the weights file", "check its owner and mode");
  fail(file, "cannot open the weights file: " + reason(error), "check the path and the disk");
}

std::size_t regular_file_size(const std::filesystem::path& file, int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) fail(file, "cannot examine: " + reason(errno), "check the disk");
  if (S_ISDIR(status.st_mode)) fail(file, "is a folder, not a weights file", "name the file in it");
  if (!S_ISREG(status.st_mode))
    fail(file, "is not a regular file", "weights must be a file on disk, not a pipe or device");
  if (status.st_size == 0) fail(file, "the weights file is empty", "fetch or save it again");
  return static_cast<std::size_t>(status.st_size);
}

}  // namespace

std::shared_ptr<const MappedFile> MappedFile::open(const std::filesystem::path& file) {
  // O_NONBLOCK: opening a pipe must not hang before the check that it is a regular file.
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (descriptor.get() < 0) fail_open(file, errno);
  const std::size_t size = regular_file_size(file, descriptor.get());
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor.get(), 0);
  if (address == MAP_FAILED)
    fail(file, "cannot map into memory: " + reason(errno), "check memory limits and the file system");
  ::madvise(address, size, MADV_WILLNEED);  // advice only: start reading the disk now
  return std::shared_ptr<const MappedFile>(new MappedFile({static_cast<const std::uint8_t*>(address), size}));
}

MappedFile::~MappedFile() { ::munmap(const_cast<std::uint8_t*>(bytes_.data()), bytes_.size()); }

void MappedFile::release(std::span<const std::uint8_t> part) const {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(part.data());
  const std::uintptr_t first = (begin + page - 1) / page * page;
  const std::uintptr_t last = (begin + part.size()) / page * page;
  if (first < last) ::madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
}

}  // namespace qeval
