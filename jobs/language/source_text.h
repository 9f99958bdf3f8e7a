#pragma once
/// Positions in a job file, and the two lines that show one: the source line and a caret line.
/// Thread-safety: SourceText is immutable.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qeval {

/// Bytes [begin, end) of the job file; or, when `argument` ≥ 0, the n-th command-line argument as a whole.
struct SourceSpan {
  std::size_t begin = 0, end = 0;
  int argument = -1;
  auto operator<=>(const SourceSpan&) const = default;
};

/// Both from 1; the column counts characters, not bytes.
struct SourcePosition {
  int line = 1, column = 1;
};

class SourceText {
 public:
  explicit SourceText(std::string_view text);

  SourcePosition position(std::size_t offset) const;
  /// "  wieghts: /m.pth\n  ^~~~~~~\n"; long lines are cut around the span.
  std::string excerpt(const SourceSpan& span) const;

 private:
  std::size_t line_index(std::size_t offset) const;

  std::string text_;
  std::vector<std::size_t> line_starts_;
};

struct TextFault {
  SourceSpan span;
  std::string message;
};

/// The first byte that no YAML file may hold: NUL, another control character, or broken UTF-8.
std::optional<TextFault> find_text_fault(std::string_view text);

}  // namespace qeval
