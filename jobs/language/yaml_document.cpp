#include "jobs/language/yaml_document.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "jobs/language/yaml_events.h"
#include "pipeline/base/did_you_mean.h"

namespace qeval {
namespace {

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

/// Events → tree.
class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, Diagnostics& diagnostics, int argument, YamlOrigin origin)
      : events_(text, argument),
        diagnostics_(diagnostics),
        argument_(argument),
        limited_(origin == YamlOrigin::written_by_people) {}

  YamlNode document() {
    events_.next();  // start of the stream
    if (events_.next().type() == FYET_STREAM_END) throw YamlFault{{0, 1, argument_}, "nothing is written here"};
    YamlNode root = node(events_.next(), 1);
    events_.next();  // end of the document
    const YamlEvent last = events_.next();
    if (last.type() != FYET_STREAM_END) throw YamlFault{last.span(), "a second document; only one is allowed"};
    return root;
  }

 private:
  struct Anchor {
    bool complete = false;
    YamlNode node;
    Measure size;
  };

  YamlNode node(const YamlEvent& event, int depth) {
    const SourceSpan& here = event.span();
    charge(here, 1, depth);
    switch (event.type()) {
      case FYET_SCALAR: return anchored(event->scalar.anchor, event->scalar.tag, here, [&] { return scalar(event); });
      case FYET_SEQUENCE_START:
        return anchored(event->sequence_start.anchor, event->sequence_start.tag, here,
                        [&] { return sequence(here, depth); });
      case FYET_MAPPING_START:
        return anchored(event->mapping_start.anchor, event->mapping_start.tag, here,
                        [&] { return mapping(here, depth); });
      case FYET_ALIAS: return alias(event, depth);
      default: throw YamlFault{here, "a value is missing"};
    }
  }

  void charge(const SourceSpan& here, int nodes, int depth) {
    nodes_ += nodes;
    if (depth > yaml_max_depth) {
      throw YamlFault{here, "nested deeper than " + std::to_string(yaml_max_depth) + " levels"};
    }
    if (limited_ && nodes_ > yaml_max_nodes) {
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

  YamlNode scalar(const YamlEvent& event) {
    YamlNode result;
    result.kind = YamlNode::Kind::scalar;
    result.span = event.span();
    result.text = token_text(event->scalar.value);
    result.quoted = !is_plain(event);
    // An escape such as "\0" can write what the file itself may not hold.
    if (const auto fault = find_text_fault(result.text)) diagnostics_.add(result.span, fault->message);
    if (!result.quoted && is_null_text(result.text)) result.kind = YamlNode::Kind::null;
    return result;
  }

  YamlNode sequence(const SourceSpan& here, int depth) {
    YamlNode result;
    result.kind = YamlNode::Kind::sequence;
    result.span = here;
    for (YamlEvent event = events_.next(); event.type() != FYET_SEQUENCE_END; event = events_.next()) {
      result.items.push_back(node(event, depth + 1));
    }
    return result;
  }

  YamlNode mapping(const SourceSpan& here, int depth) {
    YamlNode result = YamlNode::mapping(here);
    std::vector<YamlNode> merged;
    bool has_merge = false;
    for (YamlEvent event = events_.next(); event.type() != FYET_MAPPING_END; event = events_.next()) {
      YamlNode key = mapping_key(event);
      YamlNode value = node(events_.next(), depth + 1);
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

  YamlNode mapping_key(const YamlEvent& event) {
    const SourceSpan& here = event.span();
    charge(here, 1, 1);
    if (event.type() != FYET_SCALAR) throw YamlFault{here, "a key must be plain text"};
    if (event->scalar.tag) diagnostics_.add(here, "tags such as !!str are not supported; write the plain key");
    if (event->scalar.anchor) diagnostics_.add(here, "an anchor (&name) belongs to the value, not to the key");
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

  YamlNode alias(const YamlEvent& event, int depth) {
    const SourceSpan& here = event.span();
    const std::string name(token_text(event->alias.anchor));
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

  YamlEvents events_;
  Diagnostics& diagnostics_;
  int argument_;
  bool limited_;
  int nodes_ = 0;
  std::map<std::string, Anchor> anchors_;
};

}  // namespace

std::optional<YamlNode> parse_yaml(std::string_view text, Diagnostics& diagnostics, int argument, YamlOrigin origin) {
  if (origin == YamlOrigin::written_by_people && text.size() > yaml_max_bytes) {
    diagnostics.add({0, 1, argument}, "larger than 1 MiB; a job file is a page of text");
    return std::nullopt;
  }
  if (auto fault = find_text_fault(text)) {
    fault->span.argument = argument;
    diagnostics.add(fault->span, fault->message);
    return std::nullopt;
  }
  try {
    return TreeBuilder(text, diagnostics, argument, origin).document();
  } catch (const YamlFault& fault) {
    diagnostics.add(fault.span, fault.message);
    return std::nullopt;
  }
}

}  // namespace qeval
