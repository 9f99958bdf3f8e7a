#pragma once
/// Encodings files and stored encoding sets: the same content in two forms. A round trip keeps every number, the
/// version and what stands beside the encodings. Thread-safety: free functions.
#include <filesystem>
#include <string>

#include "stages/quant/files/encodings_file.h"
#include "storage/records.h"

namespace qeval {

std::vector<EncodingRecord> records_of_file(const EncodingsFile& file);

/// A set of its own, of origin "imported". Its key covers the content, so that one file is stored once.
EncodingSetRecord set_of_file(const EncodingsFile& file, const std::filesystem::path& source, const std::string& name);

/// Of a set that no file was imported into: version 0.6.1. DatabaseError if the set, from `database`, is damaged.
EncodingsFile file_of_set(const EncodingSetRecord& set, const std::filesystem::path& database);

}  // namespace qeval
