#include "jobs/language/variable_expansion.h"

#include <algorithm>

namespace qeval {
namespace {

bool is_name(std::string_view text) {
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !text.empty() && letter(text[0]) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

/// The inside of one ${…}.
void expand_one(std::string_view inside, const VariableLookup& lookup, const std::vector<std::string>& keep,
                ExpandedText& out) {
  const std::size_t separator = inside.find(":-");
  const bool has_default = separator != std::string_view::npos;
  const std::string name(inside.substr(0, separator));
  if (!is_name(name)) {
    out.error = "'${" + std::string(inside) + "}' is no variable; write ${NAME} or ${NAME:-default}";
    return;
  }
  if (std::find(keep.begin(), keep.end(), name) != keep.end()) {
    out.text += "${" + name + "}";
    return;
  }
  std::optional<std::string> value = lookup(name);
  if (has_default && (!value || value->empty())) value = std::string(inside.substr(separator + 2));
  if (!value) {
    out.unset = name;
    out.error = "variable " + name + " is not set";
  } else {
    out.text += *value;
  }
}

}  // namespace

ExpandedText expand_variables(std::string_view text, const VariableLookup& lookup,
                              const std::vector<std::string>& keep) {
  ExpandedText out;
  while (out.error.empty() && !text.empty()) {
    const std::size_t at = text.find("${");
    if (at == std::string_view::npos) {
      out.text += text;
      break;
    }
    if (at > 0 && text[at - 1] == '$') {
      out.text += std::string(text.substr(0, at - 1)) + "${";
      text.remove_prefix(at + 2);
      continue;
    }
    out.text += text.substr(0, at);
    const std::size_t end = text.find('}', at);
    if (end == std::string_view::npos) {
      out.error = "'${' without '}'; write $${ for a literal ${";
      break;
    }
    expand_one(text.substr(at + 2, end - at - 2), lookup, keep, out);
    text.remove_prefix(end + 1);
  }
  return out;
}

void expand_tree(YamlNode& node, const std::string& path, const VariableLookup& lookup) {
  const std::string prefix = path.empty() ? "" : path + ".";
  for (YamlEntry& entry : node.entries) expand_tree(entry.value, prefix + entry.key, lookup);
  for (YamlNode& item : node.items) expand_tree(item, path, lookup);
  if (!node.is_scalar() || node.text.find("${") == std::string::npos) return;

  // These two belong to the job, not to the environment.
  static const std::vector<std::string> job_names{"name", "variant"};
  const bool is_output = path == "output.export_encodings";
  ExpandedText expanded = expand_variables(node.text, lookup, is_output ? job_names : std::vector<std::string>{});
  node.written = node.text;
  if (expanded.error.empty()) {
    node.text = std::move(expanded.text);
    if (const auto fault = find_text_fault(node.text)) {
      node.expansion_error = path + ": after expansion: " + fault->message;
    }
    return;
  }
  node.expansion_error = path + ": " + expanded.error;
  if (std::find(job_names.begin(), job_names.end(), expanded.unset) != job_names.end()) {
    node.expansion_error += "; ${" + expanded.unset + "} is known in output.export_encodings only";
  } else if (!expanded.unset.empty()) {
    node.unset_variable = expanded.unset;
    node.expansion_error +=
        "; run 'export " + expanded.unset + "=…' first, or give the value with --set " + path + "=…";
  }
}

}  // namespace qeval
