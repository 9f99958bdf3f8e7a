#include "pipeline/base/percent_hint.h"

#include <charconv>
#include <cstdio>
#include <iterator>

namespace qeval {

std::string percent_hint(std::string_view written) {
  const bool has_sign = written.ends_with('%');
  if (has_sign) written.remove_suffix(1);
  while (written.ends_with(' ')) written.remove_suffix(1);
  double percent = 0;
  const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), percent);
  if (error != std::errc() || end != written.data() + written.size()) return "";
  if (!(percent >= (has_sign ? 0 : 1) && percent <= 100)) return "";
  char share[32];
  // Fewer digits than tell two doubles apart: what was written in decimal divides into decimal.
  const int length = std::snprintf(share, std::size(share), "%.15g", percent / 100);
  return "; write " + std::string(share, static_cast<std::size_t>(length));
}

}  // namespace qeval
