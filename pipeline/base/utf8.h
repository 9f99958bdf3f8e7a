#pragma once
/// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. Thread-safety: pure functions.
#include <cstddef>
#include <string_view>

namespace qeval {

/// Length in bytes of the character at text[0], or 0 if there is none. `text` must not be empty.
std::size_t utf8_length(std::string_view text);

bool is_utf8(std::string_view text);

}  // namespace qeval
