#pragma once
/// Memory that ends where nothing may be read: a kernel that reads or writes behind its data ends the test.
/// Thread-safety: one thread per object. Errors: std::bad_alloc.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <new>
#include <span>

namespace qeval {

/// `count` values of it, of which the first is aligned to `alignment` bytes: behind the last one, rounded up to it,
/// there is a page that cannot be read.
template <typename T, std::size_t alignment = 64>
class FencedBuffer {
 public:
  explicit FencedBuffer(std::size_t count) : count_(count) {
    const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
    const std::size_t bytes = (count * sizeof(T) + alignment - 1) / alignment * alignment,
                      pages = (bytes + page - 1) / page * page;
    mapped_ = pages + page;
    memory_ = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory_ == MAP_FAILED) throw std::bad_alloc();
    mprotect(static_cast<std::byte*>(memory_) + pages, page, PROT_NONE);
    data_ = reinterpret_cast<T*>(static_cast<std::byte*>(memory_) + pages - bytes);
  }
  ~FencedBuffer() { munmap(memory_, mapped_); }
  FencedBuffer(const FencedBuffer&) = delete;
  FencedBuffer& operator=(const FencedBuffer&) = delete;

  T* data() { return data_; }
  std::span<T> values() { return {data_, count_}; }

 private:
  std::size_t count_, mapped_ = 0;
  void* memory_ = nullptr;
  T* data_ = nullptr;
};

}  // namespace qeval
