#pragma once
/// The JSON header of a safetensors file. Format: https://github.com/huggingface/safetensors#format
/// Thread-safety: pure functions. Errors: WeightsFormatError.
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qeval {

struct SafetensorsEntry {
  std::string name;
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0, end = 0;  ///< bytes, from the end of the header
};

inline constexpr std::uint64_t safetensors_most_header_bytes = 100'000'000;
inline constexpr std::size_t safetensors_most_tensors = 100'000;

/// Parses the header text, in its order. Refuses anything the format does not define: duplicate names or fields,
/// missing fields, unknown fields, deeper nesting, numbers that are not unsigned integers.
/// `metadata` receives the texts under "__metadata__".
std::vector<SafetensorsEntry> parse_safetensors_header(std::string_view json,
                                                       std::map<std::string, std::string>* metadata = nullptr);

/// Throws unless the entries tile [0, data_bytes) exactly: no hole, no overlap, nothing outside.
void check_safetensors_layout(std::vector<SafetensorsEntry> entries, std::uint64_t data_bytes);

}  // namespace qeval
