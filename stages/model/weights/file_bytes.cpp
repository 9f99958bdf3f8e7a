#include "stages/model/weights/file_bytes.h"

#include <algorithm>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include "pipeline/base/errors.h"
#include "pipeline/base/regular_file.h"
#include "pipeline/base/sha256.h"
#include "pipeline/base/visible_text.h"

namespace qeval {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what, const std::string& fix) {
  throw InputError(visible_name(file.string()) + ": " + what + "; " + fix);
}

[[noreturn]] void fail(const std::filesystem::path& file, const UnreadableFile& error) {
  using Why = UnreadableFile::Why;
  switch (error.why()) {
    case Why::missing: fail(file, "no such weights file", "check the path");
    case Why::forbidden: fail(file, "no permission to read the weights file", "check its owner and mode");
    case Why::folder: fail(file, "is a folder, not a weights file", "name the file in it");
    case Why::not_regular: fail(file, "is not a regular file", "weights must be a file on disk, not a pipe or device");
    case Why::other: break;
  }
  fail(file, std::string("the weights file cannot be read: ") + error.what(), "check the path and the disk");
}

/// A file that is hashed as it is read.
class HashedFile {
 public:
  explicit HashedFile(const std::filesystem::path& path) try : path_(path), file_(path) {
    if (size() == 0) fail(path_, "the weights file is empty", "fetch or save it again");
  } catch (const UnreadableFile& error) {
    fail(path, error);
  }

  std::size_t size() const { return static_cast<std::size_t>(file_.state().bytes); }

  /// As RegularFile.
  std::size_t read(std::span<std::uint8_t> target) try {
    const std::size_t count = file_.read(target);
    hash_.add_bytes({reinterpret_cast<const char*>(target.data()), count});
    done_ += count;
    return count;
  } catch (const UnreadableFile& error) {
    fail(path_, error);
  }

  /// Of what was read, which must be the whole file as it was when it was opened.
  std::string finish() try {
    const FileState now = file_.state_now(), &before = file_.state();
    if (done_ != size() || now.bytes != before.bytes || now.modified_ns != before.modified_ns)
      fail(path_, "changed while it was being read", "wait until it is complete, then run this again");
    return hash_.hex();
  } catch (const UnreadableFile& error) {
    fail(path_, error);
  }

 private:
  std::filesystem::path path_;
  RegularFile file_;
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
  // Pages of this process's own: a mapping of the file would show what others write to it, and end in SIGBUS when it
  // shrinks.
  void* address = ::mmap(nullptr, source.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (address == MAP_FAILED)
    throw RunError(visible_name(file.string()) + ": no memory for its " + std::to_string(source.size()) +
                   " bytes; free some, or raise the limit (ulimit -v)");
  const std::shared_ptr<FileBytes> content(new FileBytes({static_cast<std::uint8_t*>(address), source.size()}));
  std::size_t done = 0;
  while (done < source.size()) {
    const std::size_t count =
        source.read(content->bytes_.subspan(done).first(std::min(piece_bytes, source.size() - done)));
    if (count == 0) break;
    done += count;
  }
  content->sha256_ = source.finish();
  return content;
}

FileBytes::FileBytes(std::span<std::uint8_t> bytes)
    : bytes_(bytes), holders_((bytes.size() + page_bytes() - 1) / page_bytes()) {}

FileBytes::Pages FileBytes::pages_of(std::span<const std::uint8_t> part) const {
  const auto begin = static_cast<std::size_t>(part.data() - bytes_.data());
  return {begin / page_bytes(), (begin + part.size() + page_bytes() - 1) / page_bytes()};
}

std::shared_ptr<const void> FileBytes::hold(const std::shared_ptr<const FileBytes>& file,
                                            std::span<const std::uint8_t> part) {
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
