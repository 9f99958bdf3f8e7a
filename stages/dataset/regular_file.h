#pragma once
/// Thread-safety: free function without state.
#include <cstdint>
#include <filesystem>
#include <optional>

namespace qeval {

/// Bytes of a regular file, links followed; nothing when there is none at `path`. One system call: data sets have
/// millions of files, sometimes on slow network storage.
std::optional<std::int64_t> regular_file_size(const std::filesystem::path& path);

}  // namespace qeval
