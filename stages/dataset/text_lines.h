#pragma once
/// Small text files that people write by hand: lines, and fields separated by commas.
///
/// Thread-safety: free functions without state. Errors: InputError naming the file.
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace qeval {

/// All lines in order, without their ends (LF or CR LF) and without a leading UTF-8 byte order mark.
std::vector<std::string> read_lines(const std::filesystem::path& file);
/// The same of a text in memory.
std::vector<std::string> lines_of(std::string_view text);

/// RFC 4180 fields of one line: a field in double quotes may hold commas, and "" for a quote.
std::vector<std::string> split_csv_line(std::string_view line);

/// "file:line: " for messages; `index` counts from 0.
std::string line_prefix(const std::filesystem::path& file, std::size_t index);

}  // namespace qeval
