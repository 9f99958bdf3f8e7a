#pragma once
/// The key `needs` of a variant: fields whose file or folder must be at hand, or the variant is left out of the job
/// and that is said. Looks into the file system. Thread-safety: free function.
#include <filesystem>
#include <string>

#include "jobs/language/yaml_node.h"

namespace qeval {

/// What the variant needs and is not at hand, for people; empty: everything is. A variable that is not set, or a path
/// where nothing is, makes a field be not at hand; a value given by --set does not, because it is meant.
/// `root`: the whole job, variables expanded; `folder`: where relative paths start.
std::string missing_needs(const YamlNode& root, const std::string& variant, const std::filesystem::path& folder);

}  // namespace qeval
