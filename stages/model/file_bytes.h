#pragma once
/// All bytes of a file, read once, and their hash. Whatever happens to the file afterwards, in place or by rename, what was
/// hashed is what is computed with.
/// Ownership: shared; tensors that alias the bytes keep them alive. Thread-safety: immutable.
/// Errors: InputError when the file is missing, not readable, not a regular file, empty, or changes while it is read.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace qeval {

class FileBytes {
 public:
  static std::shared_ptr<const FileBytes> read(const std::filesystem::path& file);
  ~FileBytes();
  FileBytes(const FileBytes&) = delete;
  FileBytes& operator=(const FileBytes&) = delete;

  std::span<const std::uint8_t> bytes() const { return bytes_; }  ///< begins at a page
  const std::string& sha256() const { return sha256_; }           ///< 64 hexadecimal digits

 private:
  explicit FileBytes(std::span<std::uint8_t> bytes) : bytes_(bytes) {}
  std::span<std::uint8_t> bytes_;
  std::string sha256_;
};

/// What reading a file piece by piece saw of it.
struct StreamedFile {
  std::uint64_t bytes = 0;
  std::string sha256;  ///< of all bytes, also of those that `consume` did not look at
};

/// For parsers that make their own copy: gives `consume` a function that returns the next piece (empty at the end; valid until
/// the next call). Errors: as above, and what `consume` throws.
using NextPiece = std::function<std::span<const std::uint8_t>()>;
StreamedFile stream_file(const std::filesystem::path& file, const std::function<void(const NextPiece&)>& consume);

}  // namespace qeval
