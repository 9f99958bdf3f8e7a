#include "tools/qeval/text/wrapped_text.h"

#include "tools/qeval/text/text_table.h"

namespace qeval {
namespace {

/// Where the word that begins at `word` ends. "p = 0.05" is one.
std::size_t end_of_word(std::string_view text, std::size_t word) {
  std::size_t end = text.find(' ', word);
  while (end != std::string_view::npos && (text[end - 1] == '=' || text.substr(end + 1).starts_with('=')))
    end = text.find(' ', end + 1);
  return end;
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t indent, std::size_t columns) {
  std::string lines;
  std::size_t used = 0;
  while (!text.empty()) {
    // Blanks in front of a word are kept where it stays in its line.
    const std::size_t word = text.find_first_not_of(' ');
    if (word == std::string_view::npos) break;
    const std::string_view piece = text.substr(0, end_of_word(text, word));
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
