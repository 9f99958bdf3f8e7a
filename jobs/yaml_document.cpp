#include "jobs/yaml_document.h"

#include <libfyaml.h>

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "pipeline/did_you_mean.h"
#include "pipeline/errors.h"

namespace qeval {
namespace {

/// Nothing after it can be read.
struct YamlFault {
  SourceSpan span;
  std::string message;
};

struct Measure {
  int nodes = 1, depth = 1;
};

Measure measure(const YamlNode& node) {
  Measure total;
  const auto add = [&](const YamlNode& child) {
    const Measure below = measure(child);
    total.nodes += below.nodes;
    total.depth = std::max(total.depth, below.depth + 1);
  };
  for (const YamlNode& item : node.items) add(item);
  for (const YamlEntry& entry : node.entries) add(entry.value);
  return total;
}

bool is_null_text(std::string_view text) {
  return text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL";
}

/// libfyaml's parser over one text, yielding events.
class EventStream {
 public:
  using Event = std::unique_ptr<fy_event, std::function<void(fy_event*)>>;

  explicit EventStream(std::string_view text) {
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
    if (!parser_ || fy_parser_set_string(parser_.get(), text.data(), text.size()) != 0) {
      throw InternalError("libfyaml could not be started");
    }
  }

  /// Null at the end of the stream or at a syntax error.
  Event next() {
    fy_parser* parser = parser_.get();
    return Event(fy_parser_parse(parser), [parser](fy_event* event) { fy_parser_event_free(parser, event); });
  }

  /// The first syntax error, if the stream ended with one.
  std::optional<YamlFault> error() const {
    void* iterator = nullptr;
    while (const fy_diag_error* error = fy_diag_errors_iterate(diag_.get(), &iterator)) {
      if (error->type != FYET_ERROR) continue;
      const fy_mark* mark = error->fyt ? fy_token_start_mark(error->fyt) : nullptr;
      const std::size_t at = mark ? mark->input_pos : 0;
      return YamlFault{{at, at + 1, -1}, error->msg};
    }
    if (fy_parser_get_stream_error(parser_.get())) return YamlFault{{0, 1, -1}, "not valid YAML"};
    return std::nullopt;
  }

 private:
  std::unique_ptr<fy_diag, decltype(&fy_diag_destroy)> diag_{nullptr, fy_diag_destroy};
  std::unique_ptr<fy_parser, decltype(&fy_parser_destroy)> parser_{nullptr, fy_parser_destroy};
};

std::string_view token_text(fy_token* token) {
  std::size_t size = 0;
  const char* text = token ? fy_token_get_text(token, &size) : nullptr;
  return text ? std::string_view(text, size) : std::string_view();
}

/// Events → tree.
class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, Diagnostics& diagnostics, int argument)
      : text_(text), events_(text), diagnostics_(diagnostics), argument_(argument) {}

  YamlNode document() {
    Event event = next();  // start of the stream
    event = next();
    if (event->type == FYET_STREAM_END) throw YamlFault{{0, 1, argument_}, "nothing is written here"};
    event = next();
    YamlNode root = node(*event, 1);
    next();  // end of the document
    event = next();
    if (event->type != FYET_STREAM_END) throw YamlFault{span(*event), "a second document; only one is allowed"};
    return root;
  }

 private:
  using Event = EventStream::Event;
  struct Anchor {
    bool complete = false;
    YamlNode node;
    Measure size;
  };

  Event next() {
    Event event = events_.next();
    if (!event) {
      YamlFault fault =
          events_.error().value_or(YamlFault{{text_.size(), text_.size(), -1}, "the text ends too early"});
      fault.span.argument = argument_;
      throw fault;
    }
    last_span_ = span(*event);
    return event;
  }

  /// An event without a position is an empty value: it is where its ':' or '-' is, the next thing written.
  SourceSpan span(fy_event& event) const {
    const fy_mark* begin = fy_event_start_mark(&event);
    const fy_mark* end = fy_event_end_mark(&event);
    if (!begin || !end) {
      const std::size_t at = std::min(text_.find_first_not_of(" \t\r\n", last_span_.end), text_.size());
      return {at, at + 1, argument_};
    }
    SourceSpan result{begin->input_pos, std::max(begin->input_pos + 1, end->input_pos), argument_};
    if (event.type == FYET_SCALAR && is_in_quotes(event)) {
      --result.begin;  // libfyaml marks the text inside
      ++result.end;
    }
    if (event.type == FYET_ALIAS && result.begin > 0) --result.begin;
    return result;
  }

  static bool is_in_quotes(const fy_event& event) {
    const fy_scalar_style style = event.scalar.value ? fy_token_scalar_style(event.scalar.value) : FYSS_PLAIN;
    return style == FYSS_SINGLE_QUOTED || style == FYSS_DOUBLE_QUOTED;
  }

  YamlNode node(fy_event& event, int depth) {
    const SourceSpan here = span(event);
    charge(here, 1, depth);
    switch (event.type) {
      case FYET_SCALAR:
        return anchored(event.scalar.anchor, event.scalar.tag, here, [&] { return scalar(event); });
      case FYET_SEQUENCE_START:
        return anchored(event.sequence_start.anchor, event.sequence_start.tag, here,
                        [&] { return sequence(here, depth); });
      case FYET_MAPPING_START:
        return anchored(event.mapping_start.anchor, event.mapping_start.tag, here,
                        [&] { return mapping(here, depth); });
      case FYET_ALIAS:
        return alias(event, depth);
      default:
        throw YamlFault{here, "a value is missing"};
    }
  }

  void charge(const SourceSpan& here, int nodes, int depth) {
    nodes_ += nodes;
    if (depth > yaml_max_depth) {
      throw YamlFault{here, "nested deeper than " + std::to_string(yaml_max_depth) + " levels"};
    }
    if (nodes_ > yaml_max_nodes) {
      throw YamlFault{here, "more than " + std::to_string(yaml_max_nodes) + " values, aliases (*name) counted in full"};
    }
  }

  template <typename Build>
  YamlNode anchored(fy_token* anchor, fy_token* tag, const SourceSpan& here, const Build& build) {
    if (tag) diagnostics_.add(here, "tags such as !!str are not supported; write the plain value");
    if (!anchor) return build();
    const std::string name(token_text(anchor));
    anchors_[name] = {};
    YamlNode built = build();
    anchors_[name] = {true, built, measure(built)};
    return built;
  }

  YamlNode scalar(fy_event& event) {
    YamlNode result;
    result.kind = YamlNode::Kind::scalar;
    result.span = span(event);
    result.text = token_text(event.scalar.value);
    result.quoted = event.scalar.value && fy_token_scalar_style(event.scalar.value) != FYSS_PLAIN;
    // An escape such as "\0" can write what the file itself may not hold.
    if (const auto fault = find_text_fault(result.text)) diagnostics_.add(result.span, fault->message);
    if (!result.quoted && is_null_text(result.text)) result.kind = YamlNode::Kind::null;
    return result;
  }

  YamlNode sequence(const SourceSpan& here, int depth) {
    YamlNode result;
    result.kind = YamlNode::Kind::sequence;
    result.span = here;
    for (Event event = next(); event->type != FYET_SEQUENCE_END; event = next()) {
      result.items.push_back(node(*event, depth + 1));
    }
    return result;
  }

  YamlNode mapping(const SourceSpan& here, int depth) {
    YamlNode result = YamlNode::mapping(here);
    std::vector<YamlNode> merged;
    bool has_merge = false;
    for (Event event = next(); event->type != FYET_MAPPING_END; event = next()) {
      YamlNode key = mapping_key(*event);
      last_span_ = key.span;
      const Event value_event = next();
      YamlNode value = node(*value_event, depth + 1);
      if (!key.quoted && key.text == "<<") {
        if (has_merge) diagnostics_.add(key.span, "duplicate key '<<'; merge a list instead: <<: [*a, *b]");
        has_merge = true;
        add_merged(std::move(value), merged);
      } else if (const YamlEntry* first = result.entry(key.text)) {
        diagnostics_.add(key.span, "duplicate key '" + key.text + "'; first given in line " +
                                       std::to_string(diagnostics_.source().position(first->key_span.begin).line));
      } else {
        result.entries.push_back({key.text, key.span, std::move(value)});
      }
    }
    for (YamlNode& source : merged) {
      for (YamlEntry& entry : source.entries) {
        if (!result.entry(entry.key)) result.entries.push_back(std::move(entry));
      }
    }
    return result;
  }

  YamlNode mapping_key(fy_event& event) {
    const SourceSpan here = span(event);
    charge(here, 1, 1);
    if (event.type != FYET_SCALAR) throw YamlFault{here, "a key must be plain text"};
    if (event.scalar.tag) diagnostics_.add(here, "tags such as !!str are not supported; write the plain key");
    if (event.scalar.anchor) diagnostics_.add(here, "an anchor (&name) belongs to the value, not to the key");
    return scalar(event);
  }

  void add_merged(YamlNode value, std::vector<YamlNode>& merged) {
    std::vector<YamlNode> sources;
    if (value.is_sequence()) {
      sources = std::move(value.items);
    } else {
      sources.push_back(std::move(value));
    }
    for (YamlNode& source : sources) {
      if (source.is_mapping()) {
        merged.push_back(std::move(source));
      } else {
        diagnostics_.add(source.span, "only maps can be merged with <<");
      }
    }
  }

  YamlNode alias(fy_event& event, int depth) {
    const SourceSpan here = span(event);
    const std::string name(token_text(event.alias.anchor));
    const auto found = anchors_.find(name);
    if (found == anchors_.end()) {
      std::vector<std::string> names;
      for (const auto& [known, anchor] : anchors_) names.push_back(known);
      throw YamlFault{here, "unknown alias '*" + name + "'" + did_you_mean(name, names)};
    }
    if (!found->second.complete) throw YamlFault{here, "alias '*" + name + "' contains itself"};
    charge(here, found->second.size.nodes, depth + found->second.size.depth - 1);
    return found->second.node;
  }

  std::string_view text_;
  EventStream events_;
  Diagnostics& diagnostics_;
  int argument_;
  int nodes_ = 0;
  SourceSpan last_span_;
  std::map<std::string, Anchor> anchors_;
};

}  // namespace

std::optional<YamlNode> parse_yaml(std::string_view text, Diagnostics& diagnostics, int argument) {
  if (text.size() > yaml_max_bytes) {
    diagnostics.add({0, 1, argument}, "larger than 1 MiB; a job file is a page of text");
    return std::nullopt;
  }
  if (auto fault = find_text_fault(text)) {
    fault->span.argument = argument;
    diagnostics.add(fault->span, fault->message);
    return std::nullopt;
  }
  try {
    return TreeBuilder(text, diagnostics, argument).document();
  } catch (const YamlFault& fault) {
    diagnostics.add(fault.span, fault.message);
    return std::nullopt;
  }
}

}  // namespace qeval
