#include "jobs/language/yaml_events.h"

#include <algorithm>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

fy_scalar_style style_of(const fy_event& scalar) {
  return scalar.scalar.value ? fy_token_scalar_style(scalar.scalar.value) : FYSS_PLAIN;
}

bool is_in_quotes(const fy_event& event) {
  if (event.type != FYET_SCALAR) return false;
  const fy_scalar_style style = style_of(event);
  return style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
}

}  // namespace

YamlEvents::YamlEvents(std::string_view text, int argument) : text_(text), argument_(argument) {
  fy_diag_cfg diag_config{};
  fy_diag_cfg_default(&diag_config);
  diag_config.fp = nullptr;
  diag_config.output_fn = [](fy_diag*, void*, const char*, std::size_t) {};
  diag_.reset(fy_diag_create(&diag_config));
  if (!diag_) throw InternalError("libfyaml could not be started");
  fy_diag_set_collect_errors(diag_.get(), true);
  fy_parse_cfg config{};
  config.flags = static_cast<fy_parse_cfg_flags>(FYPCF_DEFAULT_VERSION_1_2 | FYPCF_JSON_NONE);
  config.diag = diag_.get();
  parser_.reset(fy_parser_create(&config));
  if (!parser_ || fy_parser_set_string(parser_.get(), text.data(), text.size()) != 0)
    throw InternalError("libfyaml could not be started");
}

YamlEvent YamlEvents::next() {
  fy_parser* parser = parser_.get();
  YamlEvent::Handle event(fy_parser_parse(parser), [parser](fy_event* done) { fy_parser_event_free(parser, done); });
  if (!event) throw fault();
  last_ = span_of(*event);
  return {std::move(event), last_};
}

/// The first syntax error, if the stream ended with one.
YamlFault YamlEvents::fault() const {
  void* iterator = nullptr;
  while (const fy_diag_error* error = fy_diag_errors_iterate(diag_.get(), &iterator)) {
    if (error->type != FYET_ERROR) continue;
    const fy_mark* mark = error->fyt ? fy_token_start_mark(error->fyt) : nullptr;
    const std::size_t at = mark ? mark->input_pos : 0;
    return {{at, at + 1, argument_}, error->msg};
  }
  if (fy_parser_get_stream_error(parser_.get())) return {{0, 1, argument_}, "not valid YAML"};
  return {{text_.size(), text_.size(), argument_}, "the text ends too early"};
}

/// An event without a position is an empty value: it is where its ':' or '-' is, the next thing written.
SourceSpan YamlEvents::span_of(fy_event& event) const {
  const fy_mark* begin = fy_event_start_mark(&event);
  const fy_mark* end = fy_event_end_mark(&event);
  if (!begin || !end) {
    const std::size_t at = std::min(text_.find_first_not_of(" \t\r\n", last_.end), text_.size());
    return {at, at + 1, argument_};
  }
  SourceSpan result{begin->input_pos, std::max(begin->input_pos + 1, end->input_pos), argument_};
  if (is_in_quotes(event)) {
    --result.begin;  // libfyaml marks the text inside
    ++result.end;
  }
  if (event.type == FYET_ALIAS && result.begin > 0) --result.begin;
  return result;
}

std::string_view token_text(fy_token* token) {
  std::size_t size = 0;
  const char* text = token ? fy_token_get_text(token, &size) : nullptr;
  return text ? std::string_view(text, size) : std::string_view();
}

bool is_plain(const YamlEvent& scalar) { return style_of(*scalar.operator->()) == FYSS_PLAIN; }

}  // namespace qeval
