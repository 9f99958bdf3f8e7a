#pragma once
/// A file mapped read-only. Ownership: shared; tensors that alias it keep it alive.
/// Thread-safety: immutable. The file must not be truncated by someone else while it is mapped (the kernel then raises
/// SIGBUS); replacing it by rename is fine.
/// Errors: InputError when it is missing, not readable, not a regular file or empty.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace qeval {

class MappedFile {
 public:
  static std::shared_ptr<const MappedFile> open(const std::filesystem::path& file);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::uint8_t> bytes() const { return bytes_; }

  /// Says that `part` was copied and is not needed soon: its whole pages leave this process's resident memory.
  /// Reading it again is correct, only slower.
  void release(std::span<const std::uint8_t> part) const;

 private:
  explicit MappedFile(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::span<const std::uint8_t> bytes_;
};

}  // namespace qeval
