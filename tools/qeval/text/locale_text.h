#pragma once
/// Signs beyond ASCII where the locale has them, others elsewhere. Thread-safety: free function.
#include <string>

namespace qeval {

/// `text` as it is where locale_is_utf8; else with "-" for "−" and "–", ".." for "…", "->" for "→", "2" for "²", "+-"
/// for "±", "x" for "×": all signs that messages hold.
std::string locale_text(std::string text);

}  // namespace qeval
