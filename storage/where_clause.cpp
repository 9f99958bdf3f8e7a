#include "storage/where_clause.h"

#include <string>

#include "pipeline/base/errors.h"

namespace qeval {

namespace {

[[noreturn]] void refuse(const std::string& reason) {
  throw UsageError("--where: " + reason +
                   "; it takes one SQL condition, e.g. \"arch = 'resnext101_32x8d' AND top1 > 78\"");
}

/// Index of the last character of the quoted text that begins at `begin`. A doubled quote is seen as two texts.
std::size_t skip_quoted(std::string_view where, std::size_t begin) {
  const char closing = where[begin] == '[' ? ']' : where[begin];
  const std::size_t end = where.find(closing, begin + 1);
  if (end == std::string_view::npos) refuse(std::string("a ") + where[begin] + " is not closed");
  return end;
}

}  // namespace

void require_contained_expression(std::string_view where) {
  int depth = 0;
  for (std::size_t i = 0; i < where.size(); ++i) {
    const std::string_view two = where.substr(i, 2);
    if (two == "--" || two == "/*") refuse("comments are not allowed");
    switch (where[i]) {
      case '\0': refuse("a zero byte is not allowed");
      case ';': refuse("';' is not allowed");
      case '\'':
      case '"':
      case '`':
      case '[': i = skip_quoted(where, i); break;
      case '(': ++depth; break;
      case ')':
        if (--depth < 0) refuse("a ')' has no '('");
        break;
      default: break;
    }
  }
  if (depth > 0) refuse("a '(' is not closed");
}

}  // namespace qeval
