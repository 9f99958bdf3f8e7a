#pragma once
/// A JSON file that people write, as AIMET's encodings, name maps and QuantSim configurations: one object, parsed, with
/// checked access and complaints that say where. Faults of its JSON (json_positions.h) are refused.
/// Readers walk the values and carry along the JSON pointer of where they are.
/// Thread-safety: const after construction. Errors: InputError "FILE:line:column: JSON pointer: reason"; only "FILE:
/// reason" if the file cannot be read.
#include <filesystem>
#include <string>

#include "pipeline/base/json_positions.h"

namespace qeval {

class JsonDocument {
 public:
  using Json = nlohmann::json;
  using Pointer = Json::json_pointer;

  /// Refuses files of more than `most_bytes`.
  JsonDocument(const std::filesystem::path& file, std::size_t most_bytes);

  const Json& root() const { return root_; }
  /// Of the text that was parsed.
  std::string sha256() const;

  /// At the value, or, if there is none, at the innermost object or list around it.
  [[noreturn]] void fail(const Pointer& where, const std::string& reason) const;
  [[noreturn]] void fail_at_key(const Pointer& where, const std::string& reason) const;

  /// Fails unless `is_right`: "expected WANTED, not a number".
  void expect(bool is_right, const Pointer& where, const Json& value, const char* wanted) const;
  /// Null if the object has no such member.
  static const Json* find(const Json& object, const char* name);
  const Json& member(const Pointer& where, const Json& object, const char* name) const;
  double number(const Pointer& where, const Json& value) const;
  /// AIMET writes booleans as the texts "True" and "False".
  bool flag_text(const Pointer& where, const Json& value) const;
  /// That, in lower case too, or a boolean of JSON's.
  bool flag(const Pointer& where, const Json& object, const char* name) const;

 private:
  [[noreturn]] void fail_at(const JsonPosition& position, const std::string& reason) const;

  std::string file_, text_;
  Json root_;
};

}  // namespace qeval
