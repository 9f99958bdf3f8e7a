#include "pipeline/base/visible_text.h"

#include <cstdint>

#include "pipeline/base/utf8.h"

namespace qeval {
namespace {

std::uint32_t code_point(std::string_view character) {
  const auto first = static_cast<unsigned char>(character[0]);
  if (character.size() == 1) return first;
  std::uint32_t value = first & (0x7Fu >> character.size());
  for (const char next : character.substr(1)) value = value << 6 | (static_cast<unsigned char>(next) & 0x3Fu);
  return value;
}

/// C1 controls, Unicode's Bidi_Control characters, line and paragraph separator.
bool is_hidden(std::uint32_t point) {
  return (point >= 0x80 && point <= 0x9F) || point == 0x61C || point == 0x200E || point == 0x200F ||
         (point >= 0x2028 && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

std::string hex(std::uint32_t value, int digits) {
  std::string text;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) text += "0123456789abcdef"[value >> shift & 15];
  return text;
}

std::string written_out_byte(char byte) {
  switch (byte) {
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: return "\\x" + hex(static_cast<unsigned char>(byte), 2);
  }
}

bool is_control(char byte) { return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7F; }

std::string visible(std::string_view text, bool keep_line_ends) {
  std::string shown;
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::string_view character = text.substr(0, length);
    if (length == 0 || (is_control(text[0]) && !(keep_line_ends && text[0] == '\n')))
      shown += written_out_byte(text[0]);
    else if (const std::uint32_t point = code_point(character); is_hidden(point))
      shown += "\\u" + hex(point, 4);
    else
      shown += character;
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return shown;
}

}  // namespace

std::string visible_text(std::string_view text) { return visible(text, true); }

std::string visible_name(std::string_view name) { return visible(name, false); }

std::string visible_names(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + visible_name(name);
  return text;
}

}  // namespace qeval
