#pragma once
/// Bytes as text, RFC 4648 with padding. Thread-safety: free function.
#include <cstdint>
#include <span>
#include <string>

namespace qeval {

std::string base64(std::span<const std::uint8_t> bytes);

}  // namespace qeval
