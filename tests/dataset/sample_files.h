#pragma once
/// Small helpers for tests over folders of files.
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/base/errors.h"
#include "stages/dataset/manifest.h"

namespace qeval::test {

inline void write_file(const std::filesystem::path& file, std::string_view content) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << content;
}

inline std::vector<std::string> names_of(const Manifest& manifest) {
  std::vector<std::string> names;
  for (const ManifestEntry& entry : manifest.entries) names.push_back(entry.name);
  return names;
}

/// The message of the InputError that `action` ends with; "no error" if it succeeds.
template <typename Action>
std::string input_error_of(Action action) {
  try {
    action();
  } catch (const InputError& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace qeval::test
