#pragma once
/// Text from a user that goes into a WHERE clause. Thread-safety: pure function.
#include <string_view>

namespace qeval {

/// UsageError unless the text, put in parentheses, stays inside them: no ';', no comment, no parenthesis or quote that
/// closes more than was opened or stays open. Whether it is an expression is for SQLite to say.
void require_contained_expression(std::string_view where);

}  // namespace qeval
