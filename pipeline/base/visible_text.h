#pragma once
/// Text from elsewhere as it may be shown: whatever could move a terminal's cursor, colour it, reorder a line or end it
/// is written out instead. Thread-safety: pure functions.
///
/// Written out are C0 controls (`\n`, `\r`, `\t`, `\x1b`) and DEL (`\x7f`), C1 controls (`\u009b`), bidirectional marks
/// (`\u202e`), Unicode's line and paragraph separator, and bytes that are not UTF-8 (`\xff`). All else stays as it is,
/// the backslash too: the result is for people, not to be read back.
#include <string>
#include <string_view>
#include <vector>

namespace qeval {

/// A message of one or several lines: '\n' stays.
std::string visible_text(std::string_view text);

/// A name of a file, data set, tensor, job …, to be put into a message: one line, whatever it holds.
std::string visible_name(std::string_view name);

/// Several, with ", " between them.
std::string visible_names(const std::vector<std::string>& names);

}  // namespace qeval
