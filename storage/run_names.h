#pragma once
/// Names of runs: two words and a number, "calm-otter-12". Thread-safety: free function.
#include <functional>
#include <string>

namespace qeval {

/// A random name for which `is_taken` is false.
std::string fresh_run_name(const std::function<bool(const std::string&)>& is_taken);

}  // namespace qeval
