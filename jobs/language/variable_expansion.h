#pragma once
/// ${VAR} and ${VAR:-default} in the scalars of a job file; "$${" writes a literal "${".
/// Thread-safety: free functions; `lookup` must be callable.
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "jobs/language/yaml_node.h"

namespace qeval {

/// nullopt = not set. An empty value counts as set, except for ${VAR:-default}, as in a shell.
using VariableLookup = std::function<std::optional<std::string>(const std::string& name)>;

struct ExpandedText {
  std::string text;
  std::string error;  ///< empty if all is well
  std::string unset;  ///< the variable that is not set, if that is the error
};

/// Names in `keep` stay as they are: "${variant}".
ExpandedText expand_variables(std::string_view text, const VariableLookup& lookup,
                              const std::vector<std::string>& keep);

/// Expands every scalar below `node`; failures are noted in YamlNode::expansion_error, because a value that is replaced
/// later needs no variable. `path` is the node's dotted path, for the message.
void expand_tree(YamlNode& node, const std::string& path, const VariableLookup& lookup);

}  // namespace qeval
