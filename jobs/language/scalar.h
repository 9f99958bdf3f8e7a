#pragma once
/// Typed reading of YAML scalars by the YAML 1.2 core schema, minus what readers misjudge (008, 0x10, .inf, yes).
/// Thread-safety: free functions.
#include <cstdint>
#include <optional>
#include <string_view>

#include "jobs/language/yaml_node.h"

namespace qeval {

std::optional<bool> parse_boolean(std::string_view text);
std::optional<std::int64_t> parse_integer(std::string_view text);
/// Finite decimal numbers, integers included.
std::optional<double> parse_number(std::string_view text);

enum class ScalarType { null, boolean, integer, number, text };
/// What a YAML reader takes the scalar for.
ScalarType scalar_type(const YamlNode& node);

}  // namespace qeval
