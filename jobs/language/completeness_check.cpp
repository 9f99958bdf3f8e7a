#include "jobs/language/completeness_check.h"

#include <algorithm>

#include "jobs/language/field_check.h"
#include "jobs/language/field_tree.h"
#include "pipeline/base/did_you_mean.h"

namespace qeval {
namespace {

/// "'a', 'b' or 'c'"
std::string quoted_choice(const std::vector<std::string>& keys) {
  std::string names;
  for (const std::string& key : keys) names += (names.empty() ? "'" : key == keys.back() ? " or '" : ", '") + key + "'";
  return names;
}

class CompletenessChecker {
 public:
  CompletenessChecker(const std::string& variant, Diagnostics& diagnostics)
      : variant_(variant), diagnostics_(diagnostics) {}

  /// `at`: where to point when something is missing in `node`.
  void check(const YamlNode& node, const FieldNode& row, const std::string& path, const SourceSpan& at) {
    if (!node.expansion_error.empty()) diagnostics_.add(node.span, node.expansion_error);
    for (const YamlNode& item : node.items) {
      if (row.item()) check(item, *row.item(), path, item.span);
    }
    if (!node.is_mapping()) return;
    if (row.field) check_alternatives(node, row, path, at);
    check_children(node, row, path, at);
    for (const YamlEntry& entry : node.entries) {
      if (const FieldNode* child = row.child(entry.key)) {
        check(entry.value, *child, join(path, entry.key), entry.key_span);
      }
    }
  }

 private:
  static std::string join(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + "." + key;
  }

  void check_children(const YamlNode& node, const FieldNode& row, const std::string& path, const SourceSpan& at) {
    for (const FieldNode& child : row.children) {
      const Field& field = *child.field;
      const YamlEntry* entry = node.entry(child.key);
      if (!entry && field.required && field.fallback.empty() && !is_misspelt(node, row, child.key)) {
        add(at, join(path, child.key) + " is missing: " + field.help);
      }
      if (entry && !stands_beside(node, field.only_with)) {
        add(entry->key_span, join(path, child.key) + " has a meaning only beside " + quoted_choice(field.only_with));
      }
    }
  }

  /// An unknown key that was probably meant as `key` is one error, not two.
  static bool is_misspelt(const YamlNode& node, const FieldNode& row, const std::string& key) {
    return std::any_of(node.entries.begin(), node.entries.end(), [&](const YamlEntry& entry) {
      return !row.child(entry.key) && !closest_words(entry.key, {key}).empty();
    });
  }

  void check_alternatives(const YamlNode& node, const FieldNode& row, const std::string& path, const SourceSpan& at) {
    const Field& field = *row.field;
    if (field.one_of.empty()) return;
    const YamlEntry* first = nullptr;
    for (const YamlEntry& entry : node.entries) {
      if (std::find(field.one_of.begin(), field.one_of.end(), entry.key) == field.one_of.end()) continue;
      if (first) {
        add(entry.key_span, path + ": '" + entry.key + "' and '" + first->key + "' exclude each other; keep one");
      }
      if (!first) first = &entry;
    }
    const auto misspelt = [&](const std::string& key) { return is_misspelt(node, row, key); };
    if (first || std::any_of(field.one_of.begin(), field.one_of.end(), misspelt)) return;
    add(at, path + " needs one of " + quoted_choice(field.one_of));
  }

  void add(const SourceSpan& span, const std::string& message) {
    diagnostics_.add_for_variant(span, message, variant_);
  }

  const std::string& variant_;
  Diagnostics& diagnostics_;
};

}  // namespace

void check_completeness(const YamlNode& view, const std::string& variant, Diagnostics& diagnostics) {
  const SourceSpan start{view.span.begin, view.span.begin + 1, -1};
  const SourceSpan at = view.entries.empty() ? start : view.entries.front().key_span;
  CompletenessChecker(variant, diagnostics).check(view, field_tree(), "", at);
}

}  // namespace qeval
