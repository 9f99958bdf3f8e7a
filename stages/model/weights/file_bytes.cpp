#include "stages/model/weights/file_bytes.h"

#include <algorithm>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>

#include "pipeline/base/errors.h"
#include "pipeline/base/visible_text.h"

namespace qeval {
namespace {

constexpr std::size_t piece_bytes = 1u << 20;

std::size_t page_bytes() {
  static const auto bytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return bytes;
}

}  // namespace

std::shared_ptr<const FileBytes> FileBytes::read(WeightsFile& file) {
  // Pages of this process's own: a mapping of the file would show what others write to it, and end in SIGBUS when it
  // shrinks.
  void* address = ::mmap(nullptr, file.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (address == MAP_FAILED)
    throw RunError(visible_name(file.path().string()) + ": no memory for its " + std::to_string(file.size()) +
                   " bytes; free some, or raise the limit (ulimit -v)");
  const std::shared_ptr<FileBytes> content(new FileBytes({static_cast<std::uint8_t*>(address), file.size()}));
  file.read(content->bytes_);
  content->sha256_ = file.sha256();
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

}  // namespace qeval
