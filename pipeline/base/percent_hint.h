#pragma once
/// A percentage that was written where a share is meant. Thread-safety: free function.
#include <string>
#include <string_view>

namespace qeval {

/// "; write 0.7876" for "78.76", "78.76 %" or "78.76%"; empty for what cannot have been meant as a percentage.
std::string percent_hint(std::string_view written);

}  // namespace qeval
