#include "jobs/language/field_tree.h"

#include <algorithm>

namespace qeval {
namespace {

/// "preprocess[].resize" → preprocess, [], resize.
std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> parts;
  while (!path.empty()) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    std::string part(path.substr(0, dot));
    path.remove_prefix(std::min(dot + 1, path.size()));
    const bool is_list = part.ends_with("[]");
    if (is_list) part.resize(part.size() - 2);
    parts.push_back(part);
    if (is_list) parts.push_back("[]");
  }
  return parts;
}

FieldNode build_tree() {
  FieldNode root;
  for (const Field& field : field_table()) {
    FieldNode* node = &root;
    for (const std::string& part : split_path(field.path)) {
      const auto found = std::find_if(node->children.begin(), node->children.end(),
                                      [&](const FieldNode& child) { return child.key == part; });
      if (found == node->children.end()) {
        node->children.push_back({nullptr, part, {}});
        node = &node->children.back();
      } else {
        node = &*found;
      }
    }
    node->field = &field;
  }
  std::vector<FieldNode> sections;
  for (const FieldNode& child : root.children) {
    if (child.field->in_variants) sections.push_back(child);
  }
  const auto variants = std::find_if(root.children.begin(), root.children.end(),
                                     [](const FieldNode& child) { return child.key == "variants"; });
  std::vector<FieldNode>& keys = variants->children.front().children;
  keys.insert(keys.begin(), sections.begin(), sections.end());
  return root;
}

}  // namespace

const FieldNode* FieldNode::exact(std::string_view name) const {
  const auto found =
      std::find_if(children.begin(), children.end(), [&](const FieldNode& child) { return child.key == name; });
  return found == children.end() ? nullptr : &*found;
}

const FieldNode* FieldNode::child(std::string_view name) const {
  if (name == "*" || name == "[]") return nullptr;
  const FieldNode* found = exact(name);
  return found ? found : any();
}

std::vector<std::string> FieldNode::keys() const {
  std::vector<std::string> names;
  for (const FieldNode& child : children) {
    if (child.key != "*" && child.key != "[]") names.push_back(child.key);
  }
  return names;
}

const FieldNode& field_tree() {
  static const FieldNode root = build_tree();
  return root;
}

const FieldNode* find_field(std::string_view dotted) {
  const FieldNode* node = &field_tree();
  for (const std::string& part : split_path(dotted)) {
    if (node) node = node->child(part);
  }
  return node == &field_tree() ? nullptr : node;
}

std::vector<std::string> paths_with_key(std::string_view key) {
  std::vector<std::string> paths;
  for (const Field& field : field_table()) {
    const std::string shown = shown_path(field.path);
    const std::size_t dot = shown.rfind('.');
    const std::string_view last = std::string_view(shown).substr(dot == std::string::npos ? 0 : dot + 1);
    if (last == key && last != "*" && !field.path.ends_with("[]")) paths.push_back(shown);
  }
  return paths;
}

std::string shown_path(std::string_view path) {
  std::string shown;
  for (const char c : path) {
    if (c != '[' && c != ']') shown += c;
  }
  return shown;
}

}  // namespace qeval
