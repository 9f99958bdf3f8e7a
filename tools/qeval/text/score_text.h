#pragma once
/// Scores as people read them. Thread-safety: free function.
#include <cstdint>
#include <string>

namespace qeval {

/// "85.00 % (63.96–94.76)": with Wilson's interval, 95 %; "-" of none.
std::string score_text(std::int64_t correct, std::int64_t total);

}  // namespace qeval
