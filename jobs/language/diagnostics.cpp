#include "jobs/language/diagnostics.h"

#include "pipeline/base/visible_text.h"

#include <algorithm>
#include <functional>

namespace qeval {
namespace {

/// Enough for any honest mistake; a hostile file must not fill the screen.
constexpr std::size_t max_shown_errors = 100;

/// Calls `visit` with the span of the value and of everything in it.
void for_each_span(const YamlNode& node, const std::function<void(const SourceSpan&)>& visit) {
  visit(node.span);
  for (const YamlNode& item : node.items) for_each_span(item, visit);
  for (const YamlEntry& entry : node.entries) {
    visit(entry.key_span);
    for_each_span(entry.value, visit);
  }
}

}  // namespace

int Diagnostics::add_argument(std::string text) {
  arguments_.push_back(std::move(text));
  return static_cast<int>(arguments_.size()) - 1;
}

void Diagnostics::add(const SourceSpan& span, const std::string& message) { errors_[{span.argument, span, message}]; }

void Diagnostics::add_for_variant(const SourceSpan& span, const std::string& message, const std::string& variant) {
  errors_[{span.argument, span, message}].insert(variant);
}

bool Diagnostics::complains_within(const YamlEntry& entry) const {
  std::set<SourceSpan> pointed_at;
  for (const auto& error : errors_) pointed_at.insert(error.first.span);
  bool found = pointed_at.count(entry.key_span) != 0;
  for_each_span(entry.value, [&](const SourceSpan& span) { found = found || pointed_at.count(span) != 0; });
  return found;
}

std::string Diagnostics::render_one(const Key& key, const std::set<std::string>& variants) const {
  std::string message = key.message;
  if (!variants.empty() && variants.size() < variant_count_) {
    std::string names;
    for (const std::string& name : variants) names += (names.empty() ? "'" : ", '") + name + "'";
    message = (variants.size() == 1 ? "variant " : "variants ") + names + ": " + message;
  }
  if (key.argument >= 0) return arguments_.at(static_cast<std::size_t>(key.argument)) + ": error: " + message + "\n";
  const SourcePosition at = source_.position(key.span.begin);
  const std::size_t first_line = std::min(message.find('\n'), message.size());
  const std::string more = first_line < message.size() ? message.substr(first_line + 1) + "\n" : "";
  return visible_name(file_) + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) +
         ": error: " + message.substr(0, first_line) + "\n" + source_.excerpt(key.span) + more;
}

std::string Diagnostics::render(std::string_view consequence) const {
  std::string text;
  std::size_t shown = 0;
  for (const auto& [key, variants] : errors_) {
    if (shown++ == max_shown_errors) break;
    text += render_one(key, variants);
  }
  if (errors_.size() > max_shown_errors) text += "… " + std::to_string(errors_.size() - max_shown_errors) + " more\n";
  return text + std::to_string(errors_.size()) + (errors_.size() == 1 ? " error; " : " errors; ") +
         std::string(consequence) + ".";
}

}  // namespace qeval
