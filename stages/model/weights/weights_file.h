#pragma once
/// The weights files of one job. Each is opened and hashed once, however often its bytes are wanted: between two
/// variants they leave memory, and come back from the file that is still open, also when another one is at its path by
/// then. Bytes that come back must be those that were hashed. Ownership: files live as long as their WeightsFiles.
/// Thread-safety: one thread at a time. Errors: InputError when a file is missing, not readable, not a regular file,
/// empty, changes while it is read, or has other bytes than were hashed.
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pipeline/base/regular_file.h"

namespace qeval {

class WeightsFile {
 public:
  explicit WeightsFile(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  std::size_t size() const { return size_; }
  /// The whole file. `target` has its size.
  void read(std::span<std::uint8_t> target);
  /// 64 hexadecimal digits; reads the file, piece by piece, if nobody did before.
  const std::string& sha256();
  /// Until it is read again.
  void close() { file_.reset(); }

 private:
  using Fingerprint = std::array<std::uint64_t, 2>;
  void read_pieces(const std::function<std::span<std::uint8_t>(std::size_t)>& next);

  std::filesystem::path path_;
  std::optional<RegularFile> file_;
  std::size_t size_ = 0;
  std::string sha256_;       ///< empty: it was not read yet
  Fingerprint fingerprint_;  ///< of what sha256_ is of; takes a twentieth of its time
};

class WeightsFiles {
 public:
  /// The file at `path`: opened now, unless it is known. To be asked for before every reading.
  WeightsFile& open(const std::filesystem::path& path);
  bool knows(const std::filesystem::path& path) const { return files_.count(path) != 0; }

 private:
  /// An ONNX network may have a file per tensor, and a process 1,024 descriptors: what was asked for before these is
  /// opened again.
  static constexpr std::size_t most_open = 64;
  std::map<std::filesystem::path, WeightsFile> files_;
  std::vector<WeightsFile*> open_;  ///< asked for last at the end
};

}  // namespace qeval
