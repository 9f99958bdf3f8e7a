#include "jobs/language/job_locator.h"

#include <algorithm>
#include <charconv>

#include "jobs/language/merge.h"

namespace qeval {
namespace {

/// How far a path could be followed.
struct Place {
  SourceSpan key, value;
  bool complete = false;
};

/// The first part of "disable[1].x", which is "disable", then "[1]", then "x"; `path` keeps the rest.
std::string_view take_part(std::string_view& path) {
  const std::size_t end = path.starts_with('[') ? path.find(']') + 1 : std::min(path.find_first_of(".["), path.size());
  const std::string_view part = path.substr(0, end);
  path.remove_prefix(end);
  if (path.starts_with('.')) path.remove_prefix(1);
  return part;
}

const YamlNode* item_of(const YamlNode& list, std::string_view part) {
  std::size_t index = 0;
  std::from_chars(part.data() + 1, part.data() + part.size() - 1, index);
  return index < list.items.size() ? &list.items[index] : nullptr;
}

Place follow(const YamlNode& view, std::string_view path) {
  const SourceSpan start{view.span.begin, view.span.begin + 1, -1};
  const SourceSpan top = view.entries.empty() ? start : view.entries.front().key_span;
  Place place{top, top, false};
  const YamlNode* node = &view;
  while (!path.empty()) {
    const std::string_view part = take_part(path);
    if (part.starts_with('[')) {
      node = item_of(*node, part);
      if (!node) return place;
      place = {node->span, node->span, false};
      continue;
    }
    const YamlEntry* entry = node->entry(part);
    if (!entry) return place;
    node = &entry->value;
    place = {entry->key_span, node->is_scalar() ? node->span : entry->key_span, false};
  }
  place.complete = true;
  return place;
}

}  // namespace

SourceSpan JobLocator::value_span(const std::string& variant, std::string_view path) const {
  return follow(merged_view(root_, variant), path).value;
}

SourceSpan JobLocator::key_span(const std::string& variant, std::string_view path) const {
  return follow(merged_view(root_, variant), path).key;
}

bool JobLocator::is_written(const std::string& variant, std::string_view path) const {
  return follow(merged_view(root_, variant), path).complete;
}

}  // namespace qeval
