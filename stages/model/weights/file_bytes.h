#pragma once
/// All bytes of a weights file, and their hash. Whatever happens to the file afterwards, in place or by rename, what
/// was hashed is what is computed with. Ownership: shared; tensors that alias the bytes hold their part of them, and a
/// part that nobody holds any more leaves memory. Thread-safety: immutable; parts may be let go by any thread. Errors:
/// as WeightsFile; RunError without memory for it.
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "stages/model/weights/weights_file.h"

namespace qeval {

class FileBytes {
 public:
  static std::shared_ptr<const FileBytes> read(WeightsFile& file);
  ~FileBytes();
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  std::span<const std::uint8_t> bytes() const { return bytes_; }  ///< begins at a page
  const std::string& sha256() const { return sha256_; }           ///< 64 hexadecimal digits

  /// Keeps `part` of `file`'s bytes, and the file, while the result lives. To be called before release_rest, or while
  /// another holder of the part lives.
  static std::shared_ptr<const void> hold(const std::shared_ptr<const FileBytes>& file,
                                          std::span<const std::uint8_t> part);
  /// Nobody will read `part` again but who holds some of it: whole pages of it that nobody holds leave memory.
  void release(std::span<const std::uint8_t> part) const;
  /// What nobody holds leaves memory, now and whenever something is let go. Only what is held may be read from here on.
  void release_rest() const;

 private:
  explicit FileBytes(std::span<std::uint8_t> bytes);
  struct Pages {
    std::size_t first, end;
  };
  Pages pages_of(std::span<const std::uint8_t> part) const;
  void let_go(Pages pages) const;
  void drop_unheld(Pages pages) const;
  void drop(Pages pages) const;

  std::span<std::uint8_t> bytes_;
  std::string sha256_;
  mutable std::vector<std::atomic<std::uint32_t>> holders_;  ///< of every page
  mutable std::atomic<bool> complete_{false};                ///< nothing new is held
};

/// A part of a file that stays in memory for one reader, who lets it go from its front as it is copied.
class HeldBytes {
 public:
  HeldBytes() = default;
  /// Where `part` may be held: see FileBytes::hold.
  HeldBytes(std::shared_ptr<const FileBytes> file, std::span<const std::uint8_t> part);

  std::span<const std::uint8_t> bytes() const { return part_; }
  const std::shared_ptr<const FileBytes>& file() const { return file_; }
  /// Nothing in front of `end` will be read through this object any more.
  void let_go_before(const std::uint8_t* end);

 private:
  std::shared_ptr<const FileBytes> file_;
  std::span<const std::uint8_t> part_;
  std::deque<std::shared_ptr<const void>> pieces_;  ///< what is left of the part
  std::size_t let_go_bytes_ = 0;
};

}  // namespace qeval
