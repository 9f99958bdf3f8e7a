#include "tools/qeval/text/score_text.h"

#include <fmt/core.h>

#include "storage/wilson.h"

namespace qeval {

std::string score_text(std::int64_t correct, std::int64_t total) {
  if (total == 0) return "-";
  const auto [low, high] = wilson_interval(correct, total);
  return fmt::format("{:.2f} % ({:.2f}–{:.2f})", 100.0 * static_cast<double>(correct) / static_cast<double>(total),
                     100 * low, 100 * high);
}

}  // namespace qeval
