#include "tools/qeval/text/wrapped_text.h"

#include <algorithm>

namespace qeval {
namespace {

/// Where the word that begins at `word` ends. "p = 0.05" and "31 → 24" are one, and so is a command to go on with: it
/// is there to be copied.
std::size_t end_of_word(std::string_view text, std::size_t word, bool is_offered) {
  if (is_offered && text.substr(word).starts_with("qeval ")) return std::string_view::npos;
  std::size_t end = text.find(' ', word);
  const auto joins = [&](std::string_view sign) {
    return text.substr(0, end).ends_with(sign) || text.substr(end + 1).starts_with(sign);
  };
  while (end != std::string_view::npos && (joins("=") || joins("→"))) end = text.find(' ', end + 1);
  return end;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t columns) {
  std::string lines;
  std::size_t used = 0;
  while (!text.empty()) {
    // Blanks in front of a word are kept where it stays in its line.
    const std::size_t word = text.find_first_not_of(' ');
    if (word == std::string_view::npos) break;
    const std::string_view piece = text.substr(0, end_of_word(text, word, lines.ends_with(" with:")));
    if (used > indent && used + display_width(piece) > columns) {
      lines.append("\n").append(indent, ' ').append(piece.substr(word));
      used = indent + display_width(piece.substr(word));
    } else {
      lines.append(piece);
      used += display_width(piece);
    }
    text.remove_prefix(piece.size());
  }
  return lines + "\n";
}

}  // namespace qeval
