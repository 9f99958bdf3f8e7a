#pragma once
/// Name maps: a JSON object {"name in the file": "name here"}. Exporters name tensors as they like, so files about one
/// network differ in their names; a map joins them. Free functions. Errors: InputError naming file and reason.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "stages/quant/files/encodings_file.h"

namespace qeval {

using NameMap = std::map<std::string, std::string>;

struct NameMapFile {
  NameMap names;       ///< both columns hold each name once
  std::string sha256;  ///< of the file's text
};
NameMapFile read_name_map(const std::filesystem::path& file);

/// "name here" → "name in the file", to write what another program reads.
NameMap reversed(const NameMap& names);

/// Renames the entries that the map names. Returns the names of the map that no entry has.
/// Errors: InputError if an entry would get the name of another one.
std::vector<std::string> rename_entries(EncodingsFile& file, const NameMap& names);

}  // namespace qeval
