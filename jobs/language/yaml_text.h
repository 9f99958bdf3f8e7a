#pragma once
/// JSON as YAML in the form in which people write job files. Thread-safety: free function.
#include <string>

namespace qeval {

/// Block style in the order of `json`, lists of scalars in one line, ASCII alone; a text is quoted where it could be
/// read as something else. InternalError for what is not JSON.
std::string yaml_of_json(const std::string& json);

}  // namespace qeval
