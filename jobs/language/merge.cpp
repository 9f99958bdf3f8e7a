#include "jobs/language/merge.h"

#include <algorithm>

#include "jobs/language/field_check.h"
#include "jobs/language/yaml_document.h"
#include "pipeline/base/errors.h"

namespace qeval {
namespace {

/// Both name an alternative, and not the same one.
bool excludes(const YamlNode& base, const YamlNode& over, const Field& field) {
  const auto names_one = [&](const YamlNode& node) {
    return std::any_of(field.one_of.begin(), field.one_of.end(), [&](const auto& key) { return node.entry(key); });
  };
  const bool shares_one = std::any_of(field.one_of.begin(), field.one_of.end(),
                                      [&](const auto& key) { return base.entry(key) && over.entry(key); });
  return names_one(base) && names_one(over) && !shares_one;
}

YamlNode fallback_node(const Field& field) {
  Diagnostics diagnostics("field table", field.fallback);
  std::optional<YamlNode> node = parse_yaml(field.fallback, diagnostics);
  if (!node) throw InternalError("field table: the default of " + field.path + " is not YAML");
  return *node;
}

void fill(YamlNode& node, const FieldNode& row) {
  for (YamlNode& item : node.items) {
    if (row.item()) fill(item, *row.item());
  }
  if (!node.is_mapping()) return;
  for (const FieldNode& child : row.children) {
    const Field& field = *child.field;
    if (!field.fallback.empty() && stands_beside(node, field.only_with) && !node.entry(child.key)) {
      node.entries.push_back({child.key, node.span, fallback_node(field)});
    }
  }
  for (YamlEntry& entry : node.entries) {
    if (const FieldNode* child = row.child(entry.key)) fill(entry.value, *child);
  }
}

void inherit_data_set(YamlNode& view) {
  YamlNode* calibrate = view.find_path("quantization.encodings.calibrate");
  const YamlNode* dataset = view.find("dataset");
  if (!calibrate || !calibrate->is_mapping() || !dataset) return;
  const auto inherit = [&](const std::string& key) {
    const YamlEntry* source = dataset->entry(key);
    if (source && !calibrate->entry(key)) calibrate->entries.push_back(*source);
  };
  inherit("root");
  inherit("kind");
  const YamlNode* kind = calibrate->find("kind");
  if (kind && kind->text == "list") inherit("labels");
}

}  // namespace

YamlNode merge(const YamlNode& base, const YamlNode& over, const FieldNode& row) {
  if (!base.is_mapping() || !over.is_mapping()) return over;
  if (row.field && excludes(base, over, *row.field)) return over;
  YamlNode result = base;
  result.span = over.span;
  for (const YamlEntry& entry : over.entries) {
    const FieldNode* child = row.child(entry.key);
    YamlEntry* existing = result.entry(entry.key);
    if (existing && child) {
      *existing = {entry.key, entry.key_span, merge(existing->value, entry.value, *child)};
    } else if (existing) {
      *existing = entry;
    } else {
      result.entries.push_back(entry);
    }
  }
  return result;
}

YamlNode merged_view(const YamlNode& root, const std::string& variant) {
  YamlNode base = YamlNode::mapping(root.span);
  for (const YamlEntry& entry : root.entries) {
    if (entry.key != "variants" && !is_user_key(entry.key)) base.entries.push_back(entry);
  }
  const YamlNode* variants = root.find("variants");
  const YamlNode* over = variants && !variant.empty() ? variants->find(variant) : nullptr;
  if (!over || !over->is_mapping()) return base;
  YamlNode view = merge(base, *over, *field_tree().exact("variants")->any());
  view.erase("needs");
  view.span = base.span;
  return view;
}

void fill_defaults(YamlNode& view) {
  fill(view, field_tree());
  inherit_data_set(view);
}

void name_baseline(YamlNode& view, const std::string& baseline) {
  YamlEntry* compare = view.entry("compare");
  if (baseline.empty() || !compare || compare->value.entry("baseline")) return;
  YamlNode value;
  value.kind = YamlNode::Kind::scalar;
  value.text = baseline;
  value.span = compare->value.span;
  compare->value.entries.push_back({"baseline", value.span, value});
}

}  // namespace qeval
