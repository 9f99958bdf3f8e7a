#include "jobs/language/yaml_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <set>

#include <nlohmann/json.hpp>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

using Json = nlohmann::ordered_json;

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }

bool is_plain(char c) {
  return is_letter(c) || std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '/';
}

/// What some reader of YAML takes for a truth value or for nothing.
bool is_word_of_yaml(std::string text) {
  static const std::set<std::string> words{"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return words.count(text) != 0;
}

/// The two halves that JSON writes of a character beyond U+FFFF are none to YAML.
std::string without_halves(const std::string& quoted) {
  std::string text;
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    if (quoted[i] != '\\') {
      text += quoted[i];
      continue;
    }
    const bool is_half = quoted.compare(i, 3, "\\ud") == 0 && quoted[i + 3] >= '8';
    if (!is_half) {
      text += quoted.substr(i, 2);
      ++i;
      continue;
    }
    const unsigned long high = std::stoul(quoted.substr(i + 2, 4), nullptr, 16);
    const unsigned long low = std::stoul(quoted.substr(i + 8, 4), nullptr, 16);
    std::array<char, 12> digits{};
    std::snprintf(digits.data(), digits.size(), "\\U%08lx", 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
    text += digits.data();
    i += 11;
  }
  return text;
}

std::string text_of(const std::string& text) {
  const bool plain = !text.empty() && (is_letter(text.front()) || text.front() == '/') &&
                     std::all_of(text.begin(), text.end(), is_plain) && !is_word_of_yaml(text);
  return plain ? text : without_halves(Json(text).dump(-1, ' ', true));
}

std::string scalar_of(const Json& value) {
  return value.is_string() ? text_of(value.get<std::string>()) : value.dump();
}

bool is_flow(const Json& value) {
  return value.is_primitive() || value.empty() ||
         (value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& v) { return v.is_primitive(); }));
}

std::string flow_of(const Json& value) {
  if (value.is_primitive()) return scalar_of(value);
  if (value.empty()) return value.is_array() ? "[]" : "{}";
  std::string items;
  for (const Json& item : value) items += (items.empty() ? "" : ", ") + scalar_of(item);
  return "[" + items + "]";
}

/// Lines of a map or a list that is not empty.
std::string block_of(const Json& value, const std::string& indent) {
  std::string text;
  if (value.is_object()) {
    for (const auto& [key, inner] : value.items()) {
      text.append(indent).append(text_of(key)).append(":");
      text += is_flow(inner) ? " " + flow_of(inner) + "\n" : "\n" + block_of(inner, indent + "  ");
    }
    return text;
  }
  for (const Json& item : value) {
    text.append(indent).append("- ");
    // The first line of a block stands behind the dash.
    text += is_flow(item) ? flow_of(item) + "\n" : block_of(item, indent + "  ").substr(indent.size() + 2);
  }
  return text;
}

}  // namespace

std::string yaml_of_json(const std::string& json) {
  const Json value = Json::parse(json, nullptr, false);
  if (value.is_discarded()) throw InternalError("no JSON to write as YAML");
  return is_flow(value) ? flow_of(value) + "\n" : block_of(value, "");
}

}  // namespace qeval
