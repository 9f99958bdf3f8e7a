#pragma once
/// The one way in which verbs write encodings files. Thread-safety: free function.
#include <filesystem>
#include <string>

#include "stages/quant/files/encodings_file.h"

namespace qeval {

/// Takes out of `file` what its version cannot hold, says so on stderr behind `speaker`, and writes the rest.
/// Errors: as write_encodings_file.
void write_what_fits(EncodingsFile& file, const std::filesystem::path& path, const std::string& speaker);

}  // namespace qeval
