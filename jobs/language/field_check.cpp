#include "jobs/language/field_check.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "jobs/language/pattern.h"
#include "jobs/language/scalar.h"
#include "pipeline/base/did_you_mean.h"
#include "pipeline/base/percent_hint.h"

namespace qeval {
namespace {

std::string join(const std::vector<std::string>& words, const std::string& last) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    text += (i == 0 ? "" : i + 1 == words.size() ? " " + last + " " : ", ") + words[i];
  }
  return text;
}

std::string shown_number(double value) {
  return std::abs(value) < 1e15 && value == std::floor(value) ? std::to_string(static_cast<long long>(value))
                                                              : nlohmann::json(value).dump();
}

std::string shown_range(const Field& field) {
  if (!field.integers.empty()) {
    std::vector<std::string> numbers;
    for (const int value : field.integers) numbers.push_back(std::to_string(value));
    return join(numbers, "or");
  }
  if (field.above_minimum) return "above " + shown_number(field.minimum) + ", at most " + shown_number(field.maximum);
  return shown_number(field.minimum) + " to " + shown_number(field.maximum);
}

bool in_range(const Field& field, double value) {
  if (!field.integers.empty()) {
    return std::find(field.integers.begin(), field.integers.end(), value) != field.integers.end();
  }
  return value <= field.maximum && (field.above_minimum ? value > field.minimum : value >= field.minimum);
}

std::string shortened(const std::string& text) {
  constexpr std::size_t most = 60;
  if (text.size() <= most) return text;
  std::size_t end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

/// One walk over one file.
class FieldChecker {
 public:
  explicit FieldChecker(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void check_mapping(const YamlNode& node, const FieldNode& row, const std::string& path) {
    for (const YamlEntry& entry : node.entries) {
      if (path.empty() && is_user_key(entry.key)) continue;
      const FieldNode* child = row.child(entry.key);
      if (!child) {
        unknown_key(entry, row, path);
        continue;
      }
      const std::string child_path = path.empty() ? entry.key : path + "." + entry.key;
      if (child->key == "*" && !matches_pattern(*child->field, entry.key)) {
        diagnostics_.add(entry.key_span,
                         child_path + ": '" + shortened(entry.key) + "' is not " + child->field->pattern_help);
      }
      check_value(entry.value, *child, child_path);
    }
  }

 private:
  void check_value(const YamlNode& node, const FieldNode& row, const std::string& path) {
    if (node.is_mapping() && row.accepts(form::map)) return check_mapping(node, row, path);
    if (node.is_sequence() && row.accepts(form::list)) return check_list(node, row, path);
    if (node.is_null() && row.accepts(form::empty)) return;
    if (!node.expansion_error.empty()) return;  // reported where the value is used
    if (node.is_null()) {
      return add(node, path + ": is empty; write " + describe_forms(*row.field) + ", or remove the key");
    }
    if (!node.is_scalar()) {
      const std::string what = node.is_mapping() ? "a map" : "a list";
      return add(node, path + ": expected " + describe_forms(*row.field) + ", not " + what);
    }
    check_scalar(node, *row.field, path);
  }

  void check_list(const YamlNode& node, const FieldNode& row, const std::string& path) {
    const std::vector<int>& counts = row.field->item_counts;
    if (!counts.empty() && std::find(counts.begin(), counts.end(), node.items.size()) == counts.end()) {
      std::vector<std::string> allowed;
      for (const int count : counts) allowed.push_back(std::to_string(count));
      add(node, path + ": expected " + join(allowed, "or") + " values, not " + std::to_string(node.items.size()));
    }
    for (const YamlNode& item : node.items) check_value(item, *row.item(), path);
  }

  void check_scalar(const YamlNode& node, const Field& field, const std::string& path) {
    if (node.text.size() > max_text_bytes) {
      return add(node, path + ": longer than " + std::to_string(max_text_bytes) + " bytes");
    }
    if (field.forms & form::any_scalar) return;
    // What a variable expands to is text or a typed value, as the field needs it.
    const bool expanded = !node.written.empty();
    YamlNode typed = node;
    if (expanded) typed.quoted = false;
    const ScalarType type = scalar_type(typed);
    const double number = parse_number(node.text).value_or(0);
    if (type == ScalarType::boolean && (field.forms & form::boolean)) return;
    if (type == ScalarType::integer && (field.forms & form::integer)) return check_range(node, field, number, path);
    if ((type == ScalarType::integer || type == ScalarType::number) && (field.forms & form::number)) {
      return check_range(node, field, number, path);
    }
    if (type == ScalarType::number && (field.forms & form::share)) {
      if (number < 0 || number >= 1) add(node, path + ": a share must be at least 0 and below 1, not " + node.text);
      return;
    }
    const bool is_text = type == ScalarType::text || expanded;
    if (is_text && (field.forms & (form::text | form::path))) return check_text(node, field, path);
    if (is_text && (field.forms & form::word)) return check_word(node, field, path);
    mismatch(node, field, type, path);
  }

  void check_range(const YamlNode& node, const Field& field, double value, const std::string& path) {
    if (in_range(field, value)) return;
    const std::string hint = field.is_fraction ? percent_hint(node.text) : "";
    add(node, path + ": " + node.text + " is not allowed (" + shown_range(field) + ")" + hint);
  }

  void check_text(const YamlNode& node, const Field& field, const std::string& path) {
    if (node.text.empty()) {
      return add(node, path + ": is empty; write " + describe_forms(field) + ", or remove the key");
    }
    if (field.forms & form::path && node.text.starts_with("~")) {
      return add(node, path + ": '~' is not expanded; write ${HOME}");
    }
    if (!matches_pattern(field, node.text)) {
      add(node, path + ": '" + shortened(node.text) + "' is not allowed (" + field.pattern_help + ")");
    }
  }

  void check_word(const YamlNode& node, const Field& field, const std::string& path) {
    if (std::find(field.words.begin(), field.words.end(), node.text) != field.words.end()) return;
    add(node, path + ": '" + shortened(node.text) + "' is not known (expected " + describe_forms(field) + ")" +
                  did_you_mean(node.text, field.words));
  }

  void mismatch(const YamlNode& node, const Field& field, ScalarType type, const std::string& path) {
    std::string hint;
    if (type == ScalarType::text && node.quoted && field.forms & (form::boolean | form::integer | form::number)) {
      YamlNode bare = node;
      bare.quoted = false;
      if (scalar_type(bare) != ScalarType::text) hint = "; remove the quotes";
    } else if (type != ScalarType::text && field.forms & (form::text | form::path | form::word)) {
      hint = "; put it in quotes if it is meant as text";
    } else if (field.is_fraction) {
      hint = percent_hint(node.text);
    }
    add(node, path + ": expected " + describe_forms(field) + ", not " + (node.quoted ? "the text " : "") + "'" +
                  shortened(node.text) + "'" + hint);
  }

  void unknown_key(const YamlEntry& entry, const FieldNode& row, const std::string& path) {
    std::string message = "unknown key '" + shortened(entry.key) + "'" + (path.empty() ? "" : " in " + path);
    const std::vector<std::string> near = closest_words(entry.key, row.keys());
    const bool is_typo = !near.empty() && edit_distance(entry.key, near.front()) == 1;
    const std::string elsewhere = is_typo ? "" : belongs_elsewhere(entry.key, path);
    message += elsewhere.empty() ? did_you_mean(entry.key, row.keys()) : elsewhere;
    if (elsewhere.empty() && near.empty()) message += "; known here: " + join(row.keys(), "and");
    diagnostics_.add(entry.key_span, message);
  }

  /// A hint if the key is known at another place of the file.
  static std::string belongs_elsewhere(const std::string& key, const std::string& path) {
    std::string section = path;
    if (section.starts_with("variants.")) {
      const std::size_t dot = section.find('.', 9);
      section = dot == std::string::npos ? "" : section.substr(dot + 1);
    }
    std::vector<std::string> below, other;
    for (const std::string& known : paths_with_key(key)) {
      const std::size_t dot = known.rfind('.');
      const std::string parent = dot == std::string::npos ? "" : known.substr(0, dot);
      const bool is_below = section.empty() ? !parent.empty() : parent.starts_with(section + ".");
      const std::string rest = section.empty() ? parent : is_below ? parent.substr(section.size() + 1) : "";
      if (is_below) {
        below.push_back("`" + rest + ":`");
      } else {
        other.push_back(parent.empty() ? "at the top level" : "under `" + parent + ":`");
      }
    }
    constexpr std::size_t most = 3;
    if (!below.empty() && below.size() <= most) return "; did you mean to indent this under " + join(below, "or") + "?";
    if (below.empty() && !other.empty() && other.size() <= most) return "; it belongs " + join(other, "or");
    return "";
  }

  void add(const YamlNode& node, const std::string& message) {
    const bool expanded = !node.written.empty();
    diagnostics_.add(node.span, expanded ? message + " (from " + shortened(node.written) + ")" : message);
  }

  Diagnostics& diagnostics_;
};

}  // namespace

std::string describe_forms(const Field& field) {
  std::vector<std::string> forms;
  if (field.forms & form::boolean) forms.push_back("true or false");
  if (field.forms & form::integer) forms.push_back("a whole number (" + shown_range(field) + ")");
  if (field.forms & form::share) forms.push_back("a share (0.0 up to but not 1)");
  if (field.forms & form::number) forms.push_back("a number (" + shown_range(field) + ")");
  if (field.forms & form::word) forms.push_back(join(field.words, "or"));
  if (field.forms & form::path) forms.push_back("a path");
  if (field.forms & form::text) {
    forms.push_back(field.pattern_help.empty() ? "text" : "text (" + field.pattern_help + ")");
  }
  if (field.forms & form::any_scalar) forms.push_back("a value");
  if (field.forms & form::list) forms.push_back("a list");
  if (field.forms & form::map && field.one_of.empty()) forms.push_back("a map");
  if (field.forms & form::map && !field.one_of.empty()) forms.push_back("a map with " + join(field.one_of, "or"));
  return join(forms, "or");
}

bool matches_pattern(const Field& field, const std::string& text) {
  return field.pattern.empty() || pattern_found(field.pattern, text);
}

bool stands_beside(const YamlNode& node, const std::vector<std::string>& keys) {
  return keys.empty() || std::any_of(keys.begin(), keys.end(), [&](const std::string& key) { return node.entry(key); });
}

void check_fields(const YamlNode& root, Diagnostics& diagnostics) {
  FieldChecker(diagnostics).check_mapping(root, field_tree(), "");
}

}  // namespace qeval
