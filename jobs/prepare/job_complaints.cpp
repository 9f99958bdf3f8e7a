#include "jobs/prepare/job_complaints.h"

#include "jobs/language/field_tree.h"

namespace qeval {
namespace {

/// The field that a message begins with; empty if it begins with something else.
std::string_view field_named_by(std::string_view message) {
  const std::string_view start = message.substr(0, message.find(": "));
  return start.size() < message.size() && find_field(start) ? start : std::string_view();
}

/// "preprocess[1].resize" as people say it: "preprocess.resize".
std::string without_indices(std::string_view path) {
  std::string text;
  bool inside = false;
  for (const char c : path) {
    inside = inside ? c != ']' : c == '[';
    if (!inside && c != ']') text += c;
  }
  return text;
}

}  // namespace

void JobComplaints::stop(std::string_view consequence) const {
  if (empty()) return;
  throw Error(job_is_wrong_ ? ExitCode::usage : ExitCode::input, diagnostics_.render(consequence));
}

bool VariantComplaints::attempt(std::string_view path, const std::function<void()>& step) {
  try {
    step();
    return true;
  } catch (const UsageError& error) {
    add_for_value(path, error);
  } catch (const InputError& error) {
    add_for_value(path, error);
  }
  return false;
}

void VariantComplaints::add_for_key(std::string_view path, const Error& error) {
  add(all_.locator_.key_span(variant_, path), path, error);
}

void VariantComplaints::add_for_value(std::string_view path, const Error& error) {
  const std::string_view named = field_named_by(error.what());
  const std::string_view place = named.empty() || path.starts_with(named) ? path : named;
  add(all_.locator_.value_span(variant_, place), place, error);
}

std::string VariantComplaints::written(std::initializer_list<std::string> paths) const {
  for (const std::string& path : paths)
    if (all_.locator_.is_written(variant_, path)) return path;
  return *paths.begin();
}

void VariantComplaints::add(const SourceSpan& span, std::string_view path, const Error& error) {
  const std::string text = error.what();
  const std::string message = field_named_by(text).empty() ? without_indices(path) + ": " + text : text;
  all_.diagnostics_.add_for_variant(span, message, variant_);
  all_.job_is_wrong_ = all_.job_is_wrong_ || error.code() == ExitCode::usage;
}

}  // namespace qeval
