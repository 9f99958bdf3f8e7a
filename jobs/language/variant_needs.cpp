#include "jobs/language/variant_needs.h"

#include <algorithm>

#include "jobs/language/field_tree.h"
#include "jobs/language/merge.h"
#include "pipeline/base/visible_text.h"

namespace qeval {
namespace {

/// A preset in the place of a file.
bool is_word_of(const std::string& field, const std::string& text) {
  const FieldNode* row = find_field(field);
  return row && std::find(row->field->words.begin(), row->field->words.end(), text) != row->field->words.end();
}

/// Empty if it is at hand, or if something is wrong that has its own complaint. What cannot be looked at may be there.
std::string why_missing(const std::string& field, const YamlNode& value, const std::filesystem::path& folder) {
  if (!value.is_scalar() || value.span.argument >= 0) return "";
  if (!value.unset_variable.empty()) return field + ": variable " + value.unset_variable + " is not set";
  if (!value.expansion_error.empty() || value.text.empty() || is_word_of(field, value.text)) return "";
  const std::filesystem::path path = (folder / value.text).lexically_normal();
  std::error_code cannot_look;
  if (std::filesystem::exists(path, cannot_look) || cannot_look) return "";
  return field + ": " + visible_name(path.string()) + " is not there";
}

}  // namespace

std::string missing_needs(const YamlNode& root, const std::string& variant, const std::filesystem::path& folder) {
  const YamlNode* needs = root.find_path("variants." + variant + ".needs");
  if (!needs) return "";
  const YamlNode view = merged_view(root, variant);
  std::string missing;
  for (const YamlNode& need : needs->items) {
    const YamlNode* value = view.find_path(need.text);
    const std::string why = value ? why_missing(need.text, *value, folder) : "";
    if (!why.empty()) missing += (missing.empty() ? "" : "; ") + why;
  }
  return missing;
}

}  // namespace qeval
