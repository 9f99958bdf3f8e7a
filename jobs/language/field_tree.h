#pragma once
/// The field table as a tree, for walking it beside a parsed file. Immutable after first use.
#include <string>
#include <string_view>
#include <vector>

#include "jobs/language/field_table.h"

namespace qeval {

struct FieldNode {
  const Field* field = nullptr;  ///< null at the root
  std::string key;               ///< last part of the path; "*" and "[]" as in the table
  std::vector<FieldNode> children;

  /// The row for a written key: its own, or that of "*"; null if unknown.
  const FieldNode* child(std::string_view name) const;
  const FieldNode* item() const { return exact("[]"); }
  const FieldNode* any() const { return exact("*"); }
  const FieldNode* exact(std::string_view name) const;
  /// The keys that may be written here, without "*" and "[]".
  std::vector<std::string> keys() const;
  bool accepts(unsigned forms) const { return field && (field->forms & forms) != 0; }
};

/// Its children are the top level; "variants.*" holds the sections marked in_variants, then its own keys.
const FieldNode& field_tree();

/// The row of a dotted path ("model.parameters.groups"); null if there is none.
const FieldNode* find_field(std::string_view dotted);

/// Dotted paths (without "*") of all fields with this last key, outside variants.
std::vector<std::string> paths_with_key(std::string_view key);

/// "preprocess[].resize" for people: "preprocess.resize".
std::string shown_path(std::string_view path);

}  // namespace qeval
