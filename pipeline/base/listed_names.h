#pragma once
/// Names in a message. Thread-safety: free function. Errors: none.
#include <cstddef>
#include <string>
#include <vector>

namespace qeval {

/// "a, b, c and 2 more": the first `most` of them.
std::string listed_names(const std::vector<std::string>& names, std::size_t most = 3);

}  // namespace qeval
