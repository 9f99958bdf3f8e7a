#pragma once
/// Where things stand in a JSON text. nlohmann::json keeps no positions, so they come from its parser's events: one
/// pass over the text finds its first fault, another one the place of a value that is complained about.
/// Thread-safety: free functions without shared state.
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace qeval {

struct JsonPosition {
  std::size_t line = 1, column = 1;  ///< from 1; columns count bytes
};

struct JsonFault {
  JsonPosition position;
  std::string reason;
};

/// The first fault: what RFC 8259 does not allow, a byte order mark, nesting deeper than 64, equal keys in one object.
std::optional<JsonFault> find_json_fault(std::string_view text);

enum class JsonPart { key, value };

/// The place of a value, or of its key, in a text without faults. Where the text has no such value, the place is that
/// of the innermost object or list around it. Items of lists, and the whole text, have no key: their value's place.
JsonPosition find_json_position(std::string_view text, const nlohmann::json::json_pointer& where, JsonPart part);

}  // namespace qeval
