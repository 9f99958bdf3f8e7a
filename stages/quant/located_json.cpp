#include "stages/quant/located_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string_view>

#include "pipeline/errors.h"

namespace qeval {
namespace {

constexpr int deepest = 64;

void append_utf8(std::string& text, unsigned code) {
  const auto tail = [&](int shift) { text += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
  if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xc0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    text += static_cast<char>(0xe0 | (code >> 12));
    tail(6), tail(0);
  } else {
    text += static_cast<char>(0xf0 | (code >> 18));
    tail(12), tail(6), tail(0);
  }
}

class Parser {
 public:
  Parser(const std::string& file, std::string_view text) : file_(file), text_(text) {}

  LocatedJson whole() {
    if (text_.starts_with("\xef\xbb\xbf")) fail("starts with a byte order mark; save the file without one");
    LocatedJson value = parse_value(0);
    skip_space();
    if (!at_end()) fail("text after the end of the JSON value");
    return value;
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const { fail_at(file_, here_, reason); }
  bool at_end() const { return next_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[next_]; }

  char take() {
    const char c = text_[next_++];
    if (c == '\n') {
      ++here_.line;
      here_.column = 1;
    } else {
      ++here_.column;
    }
    return c;
  }

  void skip_space() {
    while (!at_end() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) take();
  }

  std::string found() const {
    if (at_end()) return "the end of the file";
    const auto c = static_cast<unsigned char>(peek());
    return c < 0x20 || c > 0x7e ? "byte " + std::to_string(c) : std::string("'") + peek() + "'";
  }

  void expect(char wanted, const char* where) {
    skip_space();
    if (at_end() || peek() != wanted) fail(std::string("expected '") + wanted + "' " + where + ", found " + found());
    take();
  }

  LocatedJson parse_value(int depth) {
    skip_space();
    if (depth > deepest) fail("nested deeper than " + std::to_string(deepest) + " levels");
    LocatedJson value;
    value.position = here_;
    switch (peek()) {
      case '{': parse_object(value, depth); break;
      case '[': parse_array(value, depth); break;
      case '"':
        value.kind = LocatedJson::Kind::string;
        value.text = parse_string();
        break;
      default: parse_plain(value);
    }
    return value;
  }

  void parse_object(LocatedJson& value, int depth) {
    value.kind = LocatedJson::Kind::object;
    take();
    skip_space();
    if (peek() == '}') return void(take());
    while (true) {
      skip_space();
      if (at_end() || peek() != '"') fail("expected a key in double quotes, found " + found());
      const JsonPosition position = here_;
      std::string key = parse_string();
      if (value.find(key)) fail_at(file_, position, "the key \"" + key + "\" occurs twice in one object");
      expect(':', "after a key");
      value.members.push_back({std::move(key), position, parse_value(depth + 1)});
      skip_space();
      if (peek() != ',') break;
      take();
    }
    expect('}', "or ',' after a member");
  }

  void parse_array(LocatedJson& value, int depth) {
    value.kind = LocatedJson::Kind::array;
    take();
    skip_space();
    if (peek() == ']') return void(take());
    while (true) {
      value.items.push_back(parse_value(depth + 1));
      skip_space();
      if (peek() != ',') break;
      take();
    }
    expect(']', "or ',' after an item");
  }

  std::string parse_string() {
    const JsonPosition start = here_;
    take();
    std::string text;
    while (true) {
      if (at_end()) fail_at(file_, start, "the text that begins here is not closed");
      if (static_cast<unsigned char>(peek()) < 0x20) fail("a line break or control character inside a text");
      const char c = take();
      if (c == '"') return text;
      if (c == '\\')
        parse_escape(text);
      else
        text += c;
    }
  }

  void parse_escape(std::string& text) {
    constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    if (peek() == 'u') {
      take();
      unsigned code = parse_hex();
      if (code >= 0xd800 && code < 0xdc00 && text_.substr(next_, 2) == "\\u") {
        take(), take();
        const unsigned low = parse_hex();
        if (low < 0xdc00 || low > 0xdfff) fail("half a surrogate pair in a \\u escape");
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      } else if (code >= 0xd800 && code < 0xe000) {
        fail("half a surrogate pair in a \\u escape");
      }
      return append_utf8(text, code);
    }
    const std::size_t which = at_end() ? std::string_view::npos : letters.find(peek());
    if (which == std::string_view::npos) fail("unknown escape, found " + found() + " after '\\'");
    text += meanings[which];
    take();
  }

  unsigned parse_hex() {
    unsigned code = 0;
    const std::string_view digits = text_.substr(next_, 4);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (error != std::errc() || digits.size() < 4 || end != digits.data() + 4)
      fail("\\u needs four hexadecimal digits");
    for (int i = 0; i < 4; ++i) take();
    return code;
  }

  /// true, false, null or a number.
  void parse_plain(LocatedJson& value) {
    const auto ends = [](char c) { return std::string_view(" \t\r\n,:]}[{\"").find(c) != std::string_view::npos; };
    if (at_end() || ends(peek())) fail("expected a value, found " + found());
    while (!at_end() && !ends(peek())) value.text += take();
    if (value.text == "true" || value.text == "false") {
      value.kind = LocatedJson::Kind::boolean;
      value.boolean = value.text == "true";
    } else if (value.text != "null") {
      parse_number(value);
    }
  }

  void parse_number(LocatedJson& value) const {
    value.kind = LocatedJson::Kind::number;
    const char* const end = value.text.data() + value.text.size();
    const std::size_t digit = value.text[0] == '-' ? 1 : 0;
    const bool starts_with_digit = digit < value.text.size() && value.text[digit] >= '0' && value.text[digit] <= '9';
    const auto [stop, error] = std::from_chars(value.text.data(), end, value.number);
    if (!starts_with_digit || stop != end || error != std::errc() || !std::isfinite(value.number))
      fail_at(file_, value.position,
              "'" + value.text.substr(0, 40) +
                  "' is no JSON value; texts, and AIMET's \"True\" and \"False\", stand in double quotes");
  }

  const std::string& file_;
  const std::string_view text_;
  std::size_t next_ = 0;
  JsonPosition here_;
};

}  // namespace

const LocatedJson* LocatedJson::find(std::string_view key) const {
  const auto found = std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.key == key; });
  return found == members.end() ? nullptr : &found->value;
}

const char* LocatedJson::kind_name() const {
  switch (kind) {
    case Kind::null: return "null";
    case Kind::boolean: return "a JSON boolean";
    case Kind::number: return "a number";
    case Kind::string: return "a text";
    case Kind::array: return "a list";
    case Kind::object: return "an object";
  }
  return "";
}

LocatedJson parse_located_json(const std::string& file, std::string_view text) { return Parser(file, text).whole(); }

void fail_at(const std::string& file, const JsonPosition& position, const std::string& reason) {
  throw InputError(file + ":" + std::to_string(position.line) + ":" + std::to_string(position.column) + ": " + reason);
}

}  // namespace qeval
