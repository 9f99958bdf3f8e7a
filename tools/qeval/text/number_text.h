#pragma once
/// Numbers as people read them. Thread-safety: free functions.
#include <cstdint>
#include <string>

namespace qeval {

/// "50,000".
std::string with_commas(std::int64_t value);

/// With two digits that count: "about 14,000" of 13,871.
std::string roughly(std::int64_t value);

/// A share in percentage points with its sign: "−0.47", "+0.12", "0.00".
std::string points_text(double share);

/// "p = 0.39", "p = 3e-7", "p < 1e-300".
std::string p_text(double p);

}  // namespace qeval
