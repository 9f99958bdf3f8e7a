#include "pipeline/base/json_document.h"

#include <fstream>

#include "pipeline/base/errors.h"
#include "pipeline/base/sha256.h"
#include "pipeline/base/visible_text.h"

namespace qeval {
namespace {

/// In pieces: a pipe has no size, and a device no end.
std::string read_text(const std::string& file, std::size_t most_bytes) {
  constexpr std::size_t piece = 1u << 20;
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw InputError(visible_name(file) + ": cannot be opened");
  std::string text;
  while (stream && text.size() <= most_bytes) {
    const std::size_t size = text.size();
    text.resize(size + piece);
    stream.read(text.data() + size, piece);
    text.resize(size + static_cast<std::size_t>(stream.gcount()));
  }
  if (stream.bad()) throw InputError(visible_name(file) + ": cannot be read");
  if (text.size() > most_bytes)
    throw InputError(visible_name(file) + ": larger than " + std::to_string(most_bytes >> 20) +
                     " MiB, which no such file is");
  return text;
}

std::string kind_of(const nlohmann::json& value) {
  if (value.is_null()) return "null";
  if (value.is_boolean()) return "a JSON boolean";
  if (value.is_number()) return "a number";
  if (value.is_string()) return "a text";
  return value.is_array() ? "a list" : "an object";
}

}  // namespace

JsonDocument::JsonDocument(const std::filesystem::path& file, std::size_t most_bytes)
    : file_(file.string()), text_(read_text(file_, most_bytes)) {
  if (const auto fault = find_json_fault(text_)) fail_at(fault->position, fault->reason);
  root_ = Json::parse(text_);
  expect(root_.is_object(), Pointer(), root_, "an object");
}

std::string JsonDocument::sha256() const { return Sha256().add_bytes(text_).hex(); }

void JsonDocument::fail_at(const JsonPosition& position, const std::string& reason) const {
  throw InputError(visible_name(file_ + ":" + std::to_string(position.line) + ":" + std::to_string(position.column) +
                                ": " + reason));
}

void JsonDocument::fail(const Pointer& where, const std::string& reason) const {
  fail_at(find_json_position(text_, where, JsonPart::value),
          (where.empty() ? "top level" : where.to_string()) + ": " + reason);
}

void JsonDocument::fail_at_key(const Pointer& where, const std::string& reason) const {
  fail_at(find_json_position(text_, where, JsonPart::key), where.to_string() + ": " + reason);
}

void JsonDocument::expect(bool is_right, const Pointer& where, const Json& value, const char* wanted) const {
  if (!is_right) fail(where, std::string("expected ") + wanted + ", not " + kind_of(value));
}

const JsonDocument::Json* JsonDocument::find(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

const JsonDocument::Json& JsonDocument::member(const Pointer& where, const Json& object, const char* name) const {
  const Json* const found = find(object, name);
  if (!found) fail(where / name, "is missing");
  return *found;
}

double JsonDocument::number(const Pointer& where, const Json& value) const {
  expect(value.is_number(), where, value, "a number");
  return value.get<double>();  // finite: the parser refuses what a double cannot hold
}

bool JsonDocument::flag_text(const Pointer& where, const Json& value) const {
  if (value == "True") return true;
  if (value == "False") return false;
  fail(where, "expected \"True\" or \"False\" (a text), not " + (value.is_string() ? value.dump() : kind_of(value)));
}

bool JsonDocument::flag(const Pointer& where, const Json& object, const char* name) const {
  const Json& value = member(where, object, name);
  if (value.is_boolean()) return value.get<bool>();
  if (value == "true" || value == "false") return value == "true";
  return flag_text(where / name, value);
}

}  // namespace qeval
