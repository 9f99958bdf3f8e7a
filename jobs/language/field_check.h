#pragma once
/// Checks what is written, wherever it is written, against the field table: unknown keys, types, ranges, words.
/// What only the merged view of a variant can tell (something missing, two alternatives) is in completeness_check.h.
#include "jobs/language/diagnostics.h"
#include "jobs/language/field_tree.h"
#include "jobs/language/yaml_node.h"

namespace qeval {

/// `root` is the whole file; x-* keys of the top level are skipped.
void check_fields(const YamlNode& root, Diagnostics& diagnostics);

/// The value forms a row allows, for messages: "a whole number (1 to 1024)".
std::string describe_forms(const Field& field);

/// Does `text` match the row's pattern? True if it has none.
bool matches_pattern(const Field& field, const std::string& text);

/// Field::only_with: one of `keys` stands in `node`, or there are none.
bool stands_beside(const YamlNode& node, const std::vector<std::string>& keys);

/// Top-level keys that are left to the user.
inline bool is_user_key(std::string_view key) { return key.starts_with("x-"); }

}  // namespace qeval
