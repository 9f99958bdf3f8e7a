#pragma once
/// YAML (and JSON, a subset) → YamlNode.
///
/// Refused, each with its position: syntax errors, duplicate keys, several documents, tags, keys that are not plain
/// text, aliases that are unknown or contain themselves, and whatever exceeds the limits, alias expansion included.
/// A job that a run stored has every variant written out and may be larger; it was within the limits when it was
/// written.
/// Thread-safety: free function.
#include <cstddef>
#include <optional>
#include <string_view>

#include "jobs/language/diagnostics.h"
#include "jobs/language/yaml_node.h"

namespace qeval {

inline constexpr std::size_t yaml_max_bytes = std::size_t{1} << 20;
inline constexpr int yaml_max_depth = 32;
inline constexpr int yaml_max_nodes = 10'000;

enum class YamlOrigin { written_by_people, stored_by_run };

/// The document's root; nullopt if it cannot be read, with the reason in `diagnostics`. Errors that leave a usable tree
/// (a duplicate key) are added too. `argument` ≥ 0: all positions name that command-line argument.
std::optional<YamlNode> parse_yaml(std::string_view text, Diagnostics& diagnostics, int argument = -1,
                                   YamlOrigin origin = YamlOrigin::written_by_people);

}  // namespace qeval
