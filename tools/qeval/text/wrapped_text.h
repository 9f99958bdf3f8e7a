#pragma once
/// Sentences in lines that fit a terminal. Thread-safety: free functions.
#include <cstddef>
#include <string>
#include <string_view>

namespace qeval {

inline constexpr std::size_t terminal_columns = 79;  ///< of 80; some terminals wrap after the last one

/// Columns a terminal uses for UTF-8 `text`; every code point of this program's output is one column wide.
std::size_t display_width(std::string_view text);

/// `text`, one line, broken between words at `columns`; what follows the first line begins with `indent` blanks. A
/// longer word is a line of its own. Ends with a line end.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t columns = terminal_columns);

}  // namespace qeval
