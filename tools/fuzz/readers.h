#pragma once
/// The readers of files that strangers write. Thread-safety: one thread. Errors: what a reader throws.
#include <filesystem>
#include <string>
#include <vector>

namespace qeval {

struct FuzzedReader {
  const char* name;
  std::vector<std::string> suffixes;  ///< of the files it is given as seeds
  /// Reads and does what every job does with the result.
  void (*read)(const std::filesystem::path& file);
};

const std::vector<FuzzedReader>& fuzzed_readers();

}  // namespace qeval
