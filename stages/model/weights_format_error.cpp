#include "stages/model/weights_format_error.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace qeval {

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 120;
  constexpr char digits[] = "0123456789abcdef";
  std::string out = "'";
  for (unsigned char c : text.substr(0, longest)) {
    if (c >= 0x20 && c < 0x7f) {
      out += static_cast<char>(c);
    } else {
      out += {'\\', 'x', digits[c >> 4], digits[c & 15]};
    }
  }
  return out + (text.size() > longest ? "…'" : "'");
}

void require_tensor_name(std::string_view name) {
  constexpr std::size_t longest = 4096;
  if (name.size() > longest)
    throw WeightsFormatError("a tensor has a name of " + std::to_string(name.size()) + " bytes");
  const bool has_control = std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  bool is_utf8 = true;
  try {
    (void)nlohmann::json(std::string(name)).dump();  // strict by default: throws on malformed UTF-8
  } catch (const nlohmann::json::type_error&) {
    is_utf8 = false;
  }
  if (name.empty() || has_control || !is_utf8)
    throw WeightsFormatError("a tensor has the name " + in_quotes(name) + ", which is not plain text");
}

}  // namespace qeval
