#pragma once
/// The one way in which verbs write encodings files. Thread-safety: free function.
#include <filesystem>
#include <string>

#include "stages/quant/files/encodings_file.h"

namespace qeval {

/// Takes out of `file` what its version cannot hold, writes the rest, and returns what to tell of that; empty if
/// nothing. Errors: as write_encodings_file.
[[nodiscard]] std::string write_what_fits(EncodingsFile& file, const std::filesystem::path& path);

}  // namespace qeval
