#include "stages/model/weights/weights_format_error.h"

#include <algorithm>

#include "pipeline/base/utf8.h"
#include "pipeline/base/visible_text.h"

namespace qeval {

std::string in_quotes(std::string_view text) {
  constexpr std::size_t longest = 120;
  return "'" + visible_name(text.substr(0, longest)) + (text.size() > longest ? "…'" : "'");
}

void require_tensor_name(std::string_view name) {
  constexpr std::size_t longest = 4096;
  if (name.size() > longest)
    throw WeightsFormatError("a tensor has a name of " + std::to_string(name.size()) + " bytes");
  const bool has_control = std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
  if (name.empty() || has_control || !is_utf8(name))
    throw WeightsFormatError("a tensor has the name " + in_quotes(name) + ", which is not plain text");
}

}  // namespace qeval
