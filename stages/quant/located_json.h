#pragma once
/// JSON (RFC 8259) in which every value and key knows its line and column, for messages about files that people write.
/// Equal keys in one object, nesting deeper than 64 and bytes after the value are errors.
/// Thread-safety: plain values, free functions. Errors: InputError "FILE:line:column: what is wrong".
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace qeval {

struct JsonPosition {
  int line = 1, column = 1;  ///< from 1; columns count bytes
};

struct LocatedJson {
  enum class Kind { null, boolean, number, string, array, object } kind = Kind::null;
  JsonPosition position;
  bool boolean = false;
  double number = 0;
  std::string text;  ///< string: UTF-8; number: as written
  std::vector<LocatedJson> items;
  struct Member;
  std::vector<Member> members;  ///< object, in the order of the file

  const LocatedJson* find(std::string_view key) const;
  /// "a number", "an object", …
  const char* kind_name() const;
};

struct LocatedJson::Member {
  std::string key;
  JsonPosition position;
  LocatedJson value;
};

/// `file` is only for messages.
LocatedJson parse_located_json(const std::string& file, std::string_view text);

/// The message of every error: "FILE:line:column: reason".
[[noreturn]] void fail_at(const std::string& file, const JsonPosition& position, const std::string& reason);

}  // namespace qeval
