#include "jobs/language/source_text.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "pipeline/base/utf8.h"
#include "pipeline/base/visible_text.h"

namespace qeval {
namespace {

constexpr std::size_t max_shown_characters = 120;

bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

std::size_t count_characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

/// Drops the first `count` characters.
std::string_view skip_characters(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (at < text.size() && (count > 0 || is_continuation(text[at]))) {
    if (!is_continuation(text[at])) --count;
    ++at;
    while (at < text.size() && is_continuation(text[at])) ++at;
  }
  return text.substr(at);
}

/// One column for every character, so that the mark below stands right: a blank for a tab, '?' for whatever would upset
/// a terminal.
std::string printable(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const std::string_view character = text.substr(0, std::max<std::size_t>(utf8_length(text), 1));
    const bool harmless = visible_name(character) == character;
    shown += harmless ? character : character == "\t" ? " " : "?";
    text.remove_prefix(character.size());
  }
  return shown;
}

}  // namespace

SourceText::SourceText(std::string_view text) : text_(text), line_starts_{0} {
  for (std::size_t i = 0; i < text_.size(); ++i) {
    const bool lone_return = text_[i] == '\r' && (i + 1 == text_.size() || text_[i + 1] != '\n');
    if (text_[i] == '\n' || lone_return) line_starts_.push_back(i + 1);
  }
}

std::size_t SourceText::line_index(std::size_t offset) const {
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  return static_cast<std::size_t>(after - line_starts_.begin()) - 1;
}

SourcePosition SourceText::position(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const std::size_t line = line_index(offset);
  const std::string_view before = std::string_view(text_).substr(line_starts_[line], offset - line_starts_[line]);
  return {static_cast<int>(line) + 1, static_cast<int>(count_characters(before)) + 1};
}

std::string SourceText::excerpt(const SourceSpan& span) const {
  const std::size_t begin = std::min(span.begin, text_.size());
  const std::size_t line_start = line_starts_[line_index(begin)];
  std::size_t line_end = text_.find_first_of("\r\n", line_start);
  if (line_end == std::string::npos) line_end = text_.size();
  std::string_view before = std::string_view(text_).substr(line_start, std::min(begin, line_end) - line_start);
  std::string_view rest =
      std::string_view(text_).substr(line_start + before.size(), line_end - line_start - before.size());
  const std::size_t marked_end = std::clamp(span.end, begin, line_end > begin ? line_end : begin);
  std::size_t marked = count_characters(std::string_view(text_).substr(begin, marked_end - begin));

  std::string shown;
  if (const std::size_t skipped = count_characters(before); skipped > max_shown_characters / 2) {
    before = skip_characters(before, skipped - max_shown_characters / 2);
    shown = "…";
  }
  const std::string indent(count_characters(before) + (shown.empty() ? 0 : 1), ' ');
  const std::string_view dropped = skip_characters(rest, max_shown_characters - count_characters(before));
  rest.remove_suffix(dropped.size());
  marked = std::clamp<std::size_t>(marked, 1, std::max<std::size_t>(count_characters(rest), 1));
  shown += printable(before) + printable(rest) + (dropped.empty() ? "" : "…");
  return shown + "\n" + indent + "^" + std::string(marked - 1, '~') + "\n";
}

std::optional<TextFault> find_text_fault(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const std::size_t length = utf8_length(text.substr(at));
    std::array<char, 8> hex{};
    std::snprintf(hex.data(), hex.size(), "0x%02x", byte);
    const SourceSpan span{at, at + 1, -1};
    if (byte == 0) return TextFault{span, "NUL byte; a job file is text"};
    if (length == 0)
      return TextFault{span, "byte " + std::string(hex.data()) + " is not UTF-8; save the file as UTF-8"};
    if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F) {
      return TextFault{span, "control character " + std::string(hex.data()) + "; remove it"};
    }
    at += length;
  }
  return std::nullopt;
}

}  // namespace qeval
