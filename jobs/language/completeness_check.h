#pragma once
/// Checks one variant's merged view for what only the whole can tell: keys that are missing, alternatives that exclude
/// each other, keys without the sibling they need, variables that are not set. Driven by the field table.
#include <string>

#include "jobs/language/diagnostics.h"
#include "jobs/language/yaml_node.h"

namespace qeval {

/// Positions point to where the value, or the map that lacks one, was written.
void check_completeness(const YamlNode& view, const std::string& variant, Diagnostics& diagnostics);

}  // namespace qeval
