#include "tools/qeval/text/number_text.h"

#include <cmath>

#include <fmt/core.h>

namespace qeval {
namespace {

/// "3e-07" without the zero of its exponent.
std::string power_text(double value, int digits) {
  std::string text = fmt::format("{:.{}e}", value, digits);
  const auto zero = text.find("e-0");
  if (zero != std::string::npos) text.erase(zero + 2, 1);
  return text;
}

}  // namespace

std::string with_commas(std::int64_t value) {
  std::string text = std::to_string(value);
  for (int at = static_cast<int>(text.size()) - 3; at > (value < 0 ? 1 : 0); at -= 3)
    text.insert(static_cast<std::size_t>(at), 1, ',');
  return text;
}

std::string roughly(std::int64_t value) {
  std::int64_t unit = 1;
  while (value / unit >= 100) unit *= 10;
  return with_commas((value + unit / 2) / unit * unit);
}

std::string points_text(double share) {
  const std::string digits = fmt::format("{:.2f}", std::abs(100 * share));
  if (digits == "0.00") return digits;
  return (share < 0 ? "−" : "+") + digits;
}

std::string p_text(double p) {
  if (p < 1e-300) return "p < 1e-300";
  if (p >= 0.001) return fmt::format("p = {:.3g}", p);
  return "p = " + power_text(p, 0);
}

}  // namespace qeval
