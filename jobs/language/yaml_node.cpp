#include "jobs/language/yaml_node.h"

#include <algorithm>

namespace qeval {

const YamlEntry* YamlNode::entry(std::string_view key) const& {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const YamlEntry& e) { return e.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

YamlEntry* YamlNode::entry(std::string_view key) & {
  return const_cast<YamlEntry*>(static_cast<const YamlNode&>(*this).entry(key));
}

const YamlNode* YamlNode::find(std::string_view key) const& {
  const YamlEntry* found = entry(key);
  return found ? &found->value : nullptr;
}

const YamlNode* YamlNode::find_path(std::string_view dotted) const& {
  const YamlNode* node = this;
  while (node && !dotted.empty()) {
    const std::size_t dot = std::min(dotted.find('.'), dotted.size());
    node = node->find(dotted.substr(0, dot));
    dotted.remove_prefix(std::min(dot + 1, dotted.size()));
  }
  return node;
}

YamlNode* YamlNode::find_path(std::string_view dotted) & {
  return const_cast<YamlNode*>(static_cast<const YamlNode&>(*this).find_path(dotted));
}

void YamlNode::erase(std::string_view key) {
  std::erase_if(entries, [&](const YamlEntry& e) { return e.key == key; });
}

YamlNode YamlNode::mapping(const SourceSpan& span) {
  YamlNode node;
  node.kind = Kind::mapping;
  node.span = span;
  return node;
}

}  // namespace qeval
