#pragma once
/// A small picture of an image that was evaluated. Thread-safety: free function.
#include <cstdint>
#include <filesystem>
#include <vector>

#include "storage/records.h"

namespace qeval {

/// Of the longer side, in pixels.
inline constexpr int thumbnail_size = 64;

/// JPEG; empty where `file` is not there, cannot be decoded, or does not hold what `sample` says was evaluated: another
/// picture under that name would be a false witness.
std::vector<std::uint8_t> thumbnail_of(const std::filesystem::path& file, const SampleRecord& sample);

}  // namespace qeval
