#pragma once
/// The 2×2 table of two classifiers on the same images. Plain values.
#include <cstdint>

namespace qeval {

struct PairedCounts {
  std::int64_t both_right = 0;
  std::int64_t broke = 0;  ///< only the first is right
  std::int64_t fixed = 0;  ///< only the second is right
  std::int64_t both_wrong = 0;

  std::int64_t images() const { return both_right + broke + fixed + both_wrong; }
  std::int64_t discordant() const { return broke + fixed; }
  bool operator==(const PairedCounts&) const = default;
};

}  // namespace qeval
