#include "tools/qeval/text/locale_text.h"

#include <array>
#include <string_view>
#include <utility>

#include "tools/qeval/text/progress_output.h"

namespace qeval {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> plain_signs{
    {{"−", "-"}, {"–", "-"}, {"…", ".."}, {"→", "->"}, {"²", "2"}, {"±", "+-"}, {"×", "x"}}};

}  // namespace

std::string locale_text(std::string text) {
  if (locale_is_utf8()) return text;
  for (const auto& [sign, plain] : plain_signs)
    for (std::size_t at = 0; (at = text.find(sign, at)) != std::string::npos; at += plain.size())
      text.replace(at, sign.size(), plain);
  return text;
}

}  // namespace qeval
