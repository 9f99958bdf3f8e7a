#include "jobs/diagnostics.h"

namespace qeval {
namespace {

/// Enough for any honest mistake; a hostile file must not fill the screen.
constexpr std::size_t max_shown_errors = 100;

}  // namespace

int Diagnostics::add_argument(std::string text) {
  arguments_.push_back(std::move(text));
  return static_cast<int>(arguments_.size()) - 1;
}

void Diagnostics::add(const SourceSpan& span, const std::string& message) { errors_[{span.argument, span, message}]; }

void Diagnostics::add_for_variant(const SourceSpan& span, const std::string& message, const std::string& variant) {
  errors_[{span.argument, span, message}].insert(variant);
}

std::string Diagnostics::render(const Key& key, const std::set<std::string>& variants) const {
  std::string message = key.message;
  if (!variants.empty() && variants.size() < variant_count_) {
    std::string names;
    for (const std::string& name : variants) names += (names.empty() ? "'" : ", '") + name + "'";
    message = (variants.size() == 1 ? "variant " : "variants ") + names + ": " + message;
  }
  if (key.argument >= 0) return arguments_.at(static_cast<std::size_t>(key.argument)) + ": error: " + message + "\n";
  const SourcePosition at = source_.position(key.span.begin);
  return file_ + ":" + std::to_string(at.line) + ":" + std::to_string(at.column) + ": error: " + message + "\n" +
         source_.excerpt(key.span);
}

std::string Diagnostics::render() const {
  std::string text;
  std::size_t shown = 0;
  for (const auto& [key, variants] : errors_) {
    if (shown++ == max_shown_errors) break;
    text += render(key, variants);
  }
  if (errors_.size() > max_shown_errors) text += "… " + std::to_string(errors_.size() - max_shown_errors) + " more\n";
  return text + std::to_string(errors_.size()) + (errors_.size() == 1 ? " error" : " errors") + "; nothing was run.";
}

}  // namespace qeval
