#pragma once
/// Pixels and hashes for the image tests.
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "stages/image/image.h"

namespace qeval::test {

/// A picture from a formula that a few lines of any language repeat:
/// byte(x, y, c) = top 8 bits of ((x·73856093) ^ (y·19349663) ^ (c·83492791)) · 2654435761, all modulo 2^32.
Image hashed_picture(int width, int height);

/// A smooth picture, as photographs are: compresses without extremes.
Image smooth_picture(int width, int height);

/// SHA-256 in lower-case hexadecimal.
std::string sha256_hex(std::span<const std::uint8_t> bytes);

std::vector<std::uint8_t> read_bytes(const std::filesystem::path& file);

}  // namespace qeval::test
