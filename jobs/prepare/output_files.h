#pragma once
/// Decides whether an output may take its place: never that of a file that is read, and without --force only that of a
/// file that qeval wrote itself and nobody changed since. Devices, pipes and standard output are written as they are.
/// Thread-safety: one thread at a time. Errors: UsageError naming the file and the way out.
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "stages/dataset/manifest.h"
#include "storage/file_memory.h"

namespace qeval {

class OutputFiles {
 public:
  /// `memory` of what qeval wrote may be null and must outlive this object.
  OutputFiles(bool force, FileMemory* memory) : force_(force), memory_(memory) {}

  /// A file that is read, and what it is, e.g. "model.weights". An empty path is no file.
  void add_input(const std::filesystem::path& file, std::string what);
  /// Images. They are asked for only when an output would take the place of some file; null: there are none. What is
  /// returned must outlive this object.
  void add_images(std::function<const Manifest*()> images);

  void check(const std::filesystem::path& output) const;
  /// Checks, calls `write`, which replaces the file, and remembers that qeval wrote it.
  template <class Write>
  void write(const std::filesystem::path& output, Write&& write) const {
    check(output);
    std::forward<Write>(write)();
    remember(output);
  }

 private:
  std::string input_at(const std::filesystem::path& output) const;
  void remember(const std::filesystem::path& output) const;
  bool is_own(const std::filesystem::path& file) const;

  bool force_;
  FileMemory* memory_;
  std::vector<std::pair<std::filesystem::path, std::string>> inputs_;
  std::vector<std::function<const Manifest*()>> images_;
};

}  // namespace qeval
