#include "jobs/language/set_overrides.h"

#include <algorithm>

#include "jobs/language/field_tree.h"
#include "jobs/language/yaml_document.h"
#include "pipeline/base/did_you_mean.h"

namespace qeval {
namespace {

using Parts = std::vector<std::string>;

Parts split(const std::string& path) {
  Parts parts{""};
  for (const char c : path) {
    if (c == '.') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::string join(const Parts& parts, std::size_t count) {
  std::string path;
  for (std::size_t i = 0; i < count; ++i) path += (i ? "." : "") + parts[i];
  return path;
}

/// One --set.
class Override {
 public:
  Override(YamlNode& root, const std::string& path, const std::string& value, Diagnostics& diagnostics)
      : root_(root),
        diagnostics_(diagnostics),
        parts_(split(path)),
        argument_(diagnostics.add_argument("--set " + path + "=" + value)) {
    if (!find_row()) return;
    if (!parse_value(value)) return;
    if (parts_[0] == "variants") {
      apply_to_variant();
    } else {
      apply_everywhere();
    }
  }

 private:
  SourceSpan span() const { return {0, 0, argument_}; }
  void fail(const std::string& message) { diagnostics_.add(span(), message); }

  bool find_row() {
    const FieldNode* row = &field_tree();
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (row->item() && !row->item()->children.empty()) row = row->item();
      const FieldNode* next = row->child(parts_[i]);
      if (!next || parts_[i].empty()) {
        unknown_part(*row, i);
        return false;
      }
      row = next;
    }
    row_ = row;
    if (parts_.size() == 1 && parts_[0] == "variants") fail("name the variant: --set variants.NAME.key=value");
    return parts_.size() > 1 || parts_[0] != "variants";
  }

  void unknown_part(const FieldNode& row, std::size_t i) {
    const std::string prefix = i == 0 ? "" : join(parts_, i) + ".";
    std::vector<std::string> paths;
    for (const std::string& name : closest_words(parts_[i], row.keys())) paths.push_back(prefix + name);
    if (paths.empty() && i + 1 == parts_.size()) paths = paths_with_key(parts_[i]);
    std::string hint;
    for (const std::string& path : paths) hint += (hint.empty() ? "; did you mean '" : " or '") + path + "'";
    fail("unknown path '" + join(parts_, parts_.size()) + "'" + (hint.empty() ? "" : hint + "?"));
  }

  /// Where only a single value is possible, the text is taken as it is: paths may hold any character.
  bool parse_value(const std::string& text) {
    if (row_->accepts(form::list | form::map)) {
      std::optional<YamlNode> parsed = parse_yaml(text, diagnostics_, argument_);
      if (parsed) value_ = std::move(*parsed);
      return parsed.has_value();
    }
    if (const auto fault = find_text_fault(text)) {
      fail(fault->message);
      return false;
    }
    value_.kind = text.empty() ? YamlNode::Kind::null : YamlNode::Kind::scalar;
    value_.text = text;
    value_.span = span();
    return true;
  }

  void apply_to_variant() {
    YamlEntry* variants = root_.entry("variants");
    YamlEntry* variant = variants ? variants->value.entry(parts_[1]) : nullptr;
    if (!variant) {
      std::vector<std::string> names;
      if (variants) {
        for (const YamlEntry& entry : variants->value.entries) names.push_back(entry.key);
      }
      return fail("no variant '" + parts_[1] + "' in the job" + did_you_mean(parts_[1], names));
    }
    if (!assign(variant->value, field_tree().exact("variants")->any(), 2)) fail(why_nothing());
  }

  static bool is_container(const YamlNode* node) { return node && (node->is_mapping() || node->is_sequence()); }

  /// The variants that write the path's section themselves.
  std::vector<YamlNode*> variants_with_section() {
    std::vector<YamlNode*> found;
    YamlEntry* variants = root_.entry("variants");
    const bool in_variants = field_tree().exact("variants")->any()->exact(parts_[0]) != nullptr;
    if (!variants || !in_variants) return found;
    for (YamlEntry& entry : variants->value.entries) {
      if (entry.value.find(parts_[0])) found.push_back(&entry.value);
    }
    return found;
  }

  void apply_everywhere() {
    if (parts_.size() == 1) {
      for (YamlNode* variant : variants_with_section()) variant->erase(parts_[0]);
      assign(root_, &field_tree(), 0);
      return;
    }
    const bool top_has_it = is_container(root_.find(parts_[0]));
    const FieldNode* variant_row = field_tree().exact("variants")->any();
    bool applied = false, is_written = top_has_it;
    for (YamlNode* variant : variants_with_section()) {
      const YamlNode* section = variant->find(parts_[0]);
      if (!is_container(section)) continue;
      is_written = true;
      const bool decides = section->is_sequence() || variant->find_path(join(parts_, parts_.size() - 1));
      if (decides || !top_has_it) applied |= assign(*variant, variant_row, 0);
    }
    if (top_has_it || !is_written) applied |= assign(root_, &field_tree(), 0);
    if (!applied) fail(why_nothing());
  }

  std::string why_nothing() const {
    return "no part of the job has '" + join(parts_, parts_.size() - 1) + "', or something else is chosen in its place";
  }

  /// Writes the value below `node`, from part `first` on; false if it does not apply there.
  bool assign(YamlNode& node, const FieldNode* row, std::size_t first) {
    if (first == parts_.size()) {
      node = value_;
      return true;
    }
    const std::string& part = parts_[first];
    if (node.is_sequence() && row->item()) return assign_to_step(node, *row->item(), first);
    if (row->item() && !row->item()->children.empty()) return false;  // steps can be changed, not conjured up
    const bool is_last = first + 1 == parts_.size();
    if (!node.is_mapping()) node = YamlNode::mapping(span());
    if (row->field && !choose(node, *row->field, part, is_last)) return false;
    YamlEntry* entry = node.entry(part);
    if (!entry) {
      // Built apart, so that nothing is left behind where the path does not apply.
      YamlEntry added{part, span(), YamlNode::mapping(span())};
      if (!assign(added.value, row->child(part), first + 1)) return false;
      node.entries.push_back(std::move(added));
      return true;
    }
    if (is_last) entry->key_span = span();
    return assign(entry->value, row->child(part), first + 1);
  }

  bool assign_to_step(YamlNode& list, const FieldNode& row, std::size_t first) {
    const auto has_it = [&](const YamlNode& item) { return item.entry(parts_[first]) != nullptr; };
    const auto step = std::find_if(list.items.begin(), list.items.end(), has_it);
    if (step == list.items.end() || std::find_if(step + 1, list.items.end(), has_it) != list.items.end()) return false;
    return assign(*step, &row, first);
  }

  /// Makes room for an alternative; false if another one is in use and the path goes deeper than the choice itself.
  static bool choose(YamlNode& node, const Field& field, const std::string& part, bool is_last) {
    const auto is_other = [&](const std::string& key) {
      return key != part && std::find(field.one_of.begin(), field.one_of.end(), key) != field.one_of.end();
    };
    if (std::find(field.one_of.begin(), field.one_of.end(), part) == field.one_of.end()) return true;
    const bool taken = std::any_of(node.entries.begin(), node.entries.end(),
                                   [&](const YamlEntry& entry) { return is_other(entry.key); });
    if (taken && !is_last) return false;
    std::erase_if(node.entries, [&](const YamlEntry& entry) { return is_other(entry.key); });
    return true;
  }

  YamlNode& root_;
  Diagnostics& diagnostics_;
  const Parts parts_;
  const int argument_;
  const FieldNode* row_ = nullptr;
  YamlNode value_;
};

}  // namespace

void apply_overrides(YamlNode& root, const SetOverrides& overrides, Diagnostics& diagnostics) {
  for (const auto& [path, value] : overrides) Override(root, path, value, diagnostics);
}

}  // namespace qeval
