#pragma once
/// POSIX extended regular expressions, each compiled once. The patterns of the field table keep to what POSIX and
/// ECMAScript (JSON Schema) read alike.
/// Thread-safety: free function, may be called concurrently. Errors: InternalError for a pattern that is none.
#include <string>

namespace qeval {

/// Is the pattern found anywhere in `text`? Anchor it with ^ and $ for the whole.
bool pattern_found(const std::string& pattern, const std::string& text);

}  // namespace qeval
