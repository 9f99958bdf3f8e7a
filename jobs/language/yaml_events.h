#pragma once
/// libfyaml's parser over one text: its events, each with its place in the text. The only user of libfyaml.
/// Thread-safety: one thread at a time. Ownership: refers to the text.
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <libfyaml.h>

#include "jobs/language/diagnostics.h"

namespace qeval {

/// Thrown where nothing after it can be read.
struct YamlFault {
  SourceSpan span;
  std::string message;
};

class YamlEvent {
 public:
  using Handle = std::unique_ptr<fy_event, std::function<void(fy_event*)>>;
  YamlEvent(Handle handle, const SourceSpan& span) : handle_(std::move(handle)), span_(span) {}

  fy_event_type type() const { return handle_->type; }
  const SourceSpan& span() const { return span_; }
  const fy_event* operator->() const { return handle_.get(); }

 private:
  Handle handle_;
  SourceSpan span_;
};

class YamlEvents {
 public:
  /// `argument`: as in parse_yaml. Errors: InternalError if libfyaml cannot be started.
  YamlEvents(std::string_view text, int argument);

  /// YamlFault at a syntax error and behind the last event.
  YamlEvent next();

 private:
  SourceSpan span_of(fy_event& event) const;
  YamlFault fault() const;

  std::string_view text_;
  int argument_;
  SourceSpan last_;  ///< of the event before
  std::unique_ptr<fy_diag, decltype(&fy_diag_destroy)> diag_{nullptr, fy_diag_destroy};
  std::unique_ptr<fy_parser, decltype(&fy_parser_destroy)> parser_{nullptr, fy_parser_destroy};
};

/// Empty for null.
std::string_view token_text(fy_token* token);

/// A scalar is written in quotes or as a block; an absent one is plain.
bool is_plain(const YamlEvent& scalar);

}  // namespace qeval
