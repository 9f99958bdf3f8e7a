#include "stages/model/file_bytes.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pipeline/errors.h"
#include "pipeline/visible_text.h"
#include "pipeline/sha256.h"

namespace qeval {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what, const std::string& fix) {
  throw InputError(visible_name(file.string()) + ": " + what + "; " + fix);
}

std::string reason(int error) { return std::generic_category().message(error); }

[[noreturn]] void fail_open(const std::filesystem::path& file, int error) {
  if (error == ENOENT || error == ENOTDIR) fail(file, "no such weights file", "check the path");
  if (error == EACCES || error == EPERM)
    fail(file, "no permission to read the weights file", "check its owner and mode");
  fail(file, "cannot open the weights file: " + reason(error), "check the path and the disk");
}

/// A regular file that was opened once and is read from its beginning to its end.
class HashedFile {
 public:
  explicit HashedFile(const std::filesystem::path& file) : file_(file) {
    // O_NONBLOCK: opening a pipe must not hang before the check that it is a regular file.
    fd_ = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd_ < 0) fail_open(file, errno);
    try {
      before_ = examine();
      check_kind();
    } catch (...) {
      ::close(fd_);
      throw;
    }
  }
  ~HashedFile() { ::close(fd_); }
  HashedFile(const HashedFile&) = delete;
  HashedFile& operator=(const HashedFile&) = delete;

  std::size_t size() const { return static_cast<std::size_t>(before_.st_size); }

  /// Fills the front of `target` with the next bytes and returns their number; 0 at the end.
  std::size_t read(std::span<std::uint8_t> target) {
    ssize_t count = 0;
    do {
      count = ::read(fd_, target.data(), target.size());
    } while (count < 0 && errno == EINTR);
    if (count < 0) fail(file_, "cannot be read: " + reason(errno), "check the disk");
    hash_.add_bytes({reinterpret_cast<const char*>(target.data()), static_cast<std::size_t>(count)});
    done_ += static_cast<std::size_t>(count);
    return static_cast<std::size_t>(count);
  }

  /// Of what was read, which must be the whole file as it was when it was opened.
  std::string finish() {
    const struct stat now = examine();
    const auto same = [](const timespec& a, const timespec& b) { return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec; };
    if (done_ != size() || now.st_size != before_.st_size || !same(now.st_mtim, before_.st_mtim))
      fail(file_, "changed while it was being read", "wait until it is complete, then run this again");
    return hash_.hex();
  }

 private:
  struct stat examine() const {
    struct stat status {};
    if (::fstat(fd_, &status) != 0) fail(file_, "cannot examine: " + reason(errno), "check the disk");
    return status;
  }

  void check_kind() const {
    if (S_ISDIR(before_.st_mode)) fail(file_, "is a folder, not a weights file", "name the file in it");
    if (!S_ISREG(before_.st_mode))
      fail(file_, "is not a regular file", "weights must be a file on disk, not a pipe or device");
    if (before_.st_size == 0) fail(file_, "the weights file is empty", "fetch or save it again");
  }

  std::filesystem::path file_;
  int fd_ = -1;
  struct stat before_ {};
  Sha256 hash_;
  std::size_t done_ = 0;
};

constexpr std::size_t piece_bytes = 1u << 20;

std::size_t page_bytes() {
  static const auto bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return bytes;
}

}  // namespace

std::shared_ptr<const FileBytes> FileBytes::read(const std::filesystem::path& file) {
  HashedFile source(file);
  // Pages of this process's own: a mapping of the file would show what others write to it, and end in SIGBUS when it shrinks.
  void* address = ::mmap(nullptr, source.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (address == MAP_FAILED)
    throw RunError(visible_name(file.string()) + ": no memory for its " + std::to_string(source.size()) +
                   " bytes; free some, or raise the limit (ulimit -v)");
  const std::shared_ptr<FileBytes> content(new FileBytes({static_cast<std::uint8_t*>(address), source.size()}));
  std::size_t done = 0;
  while (done < source.size()) {
    const std::size_t count = source.read(content->bytes_.subspan(done).first(std::min(piece_bytes, source.size() - done)));
    if (count == 0) break;
    done += count;
  }
  content->sha256_ = source.finish();
  return content;
}

FileBytes::FileBytes(std::span<std::uint8_t> bytes) : bytes_(bytes), holders_((bytes.size() + page_bytes() - 1) / page_bytes()) {}

FileBytes::Pages FileBytes::pages_of(std::span<const std::uint8_t> part) const {
  const auto begin = static_cast<std::size_t>(part.data() - bytes_.data());
  return {begin / page_bytes(), (begin + part.size() + page_bytes() - 1) / page_bytes()};
}

std::shared_ptr<const void> FileBytes::hold(const std::shared_ptr<const FileBytes>& file, std::span<const std::uint8_t> part) {
  const Pages pages = file->pages_of(part);
  for (std::size_t page = pages.first; page < pages.end; ++page)
    file->holders_[page].fetch_add(1, std::memory_order_relaxed);
  return std::shared_ptr<const void>(part.data(), [file, pages](const void*) { file->let_go(pages); });
}

/// A page of two tensors stays for the other one.
void FileBytes::let_go(Pages pages) const {
  const bool complete = complete_.load(std::memory_order_acquire);
  std::size_t free_from = pages.first;
  for (std::size_t page = pages.first; page < pages.end; ++page) {
    if (holders_[page].fetch_sub(1, std::memory_order_acq_rel) == 1) continue;
    if (complete) drop({free_from, page});
    free_from = page + 1;
  }
  if (complete) drop({free_from, pages.end});
}

void FileBytes::release(std::span<const std::uint8_t> part) const {
  const auto begin = static_cast<std::size_t>(part.data() - bytes_.data());
  drop_unheld({(begin + page_bytes() - 1) / page_bytes(), (begin + part.size()) / page_bytes()});
}

void FileBytes::release_rest() const {
  complete_.store(true, std::memory_order_release);
  drop_unheld({0, holders_.size()});
}

void FileBytes::drop_unheld(Pages pages) const {
  std::size_t free_from = pages.first;
  for (std::size_t page = pages.first; page < pages.end; ++page) {
    if (holders_[page].load(std::memory_order_acquire) == 0) continue;
    drop({free_from, page});
    free_from = page + 1;
  }
  drop({free_from, pages.end});
}

void FileBytes::drop(Pages pages) const {
  if (pages.first >= pages.end) return;
  ::madvise(bytes_.data() + pages.first * page_bytes(), (pages.end - pages.first) * page_bytes(), MADV_DONTNEED);
}

HeldBytes::HeldBytes(std::shared_ptr<const FileBytes> file, std::span<const std::uint8_t> part)
    : file_(std::move(file)), part_(part) {
  for (; !part.empty(); part = part.subspan(std::min(piece_bytes, part.size())))
    pieces_.push_back(FileBytes::hold(file_, part.first(std::min(piece_bytes, part.size()))));
}

void HeldBytes::let_go_before(const std::uint8_t* end) {
  for (const auto done = static_cast<std::size_t>(end - part_.data()); let_go_bytes_ + piece_bytes <= done;
       let_go_bytes_ += piece_bytes)
    pieces_.pop_front();
}

FileBytes::~FileBytes() { ::munmap(bytes_.data(), bytes_.size()); }

StreamedFile stream_file(const std::filesystem::path& file, const std::function<void(const NextPiece&)>& consume) {
  HashedFile source(file);
  std::vector<std::uint8_t> piece(piece_bytes);
  const NextPiece next = [&]() -> std::span<const std::uint8_t> { return {piece.data(), source.read(piece)}; };
  consume(next);
  while (!next().empty()) {
  }
  return {source.size(), source.finish()};
}

}  // namespace qeval
