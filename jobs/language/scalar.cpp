#include "jobs/language/scalar.h"

#include <charconv>
#include <cmath>

namespace qeval {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// from_chars knows no leading '+'.
std::string_view without_plus(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') text.remove_prefix(1);
  return text;
}

/// "008" is 8 to one YAML reader and an error or an octal number to the next.
bool has_leading_zero(std::string_view text) {
  if (!text.empty() && text[0] == '-') text.remove_prefix(1);
  return text.size() > 1 && text[0] == '0' && is_digit(text[1]);
}

}  // namespace

std::optional<bool> parse_boolean(std::string_view text) {
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  return std::nullopt;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  text = without_plus(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || has_leading_zero(text)) return std::nullopt;
  return value;
}

std::optional<double> parse_number(std::string_view text) {
  text = without_plus(text);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || has_leading_zero(text)) return std::nullopt;
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

ScalarType scalar_type(const YamlNode& node) {
  if (node.is_null()) return ScalarType::null;
  if (node.quoted) return ScalarType::text;
  if (parse_boolean(node.text)) return ScalarType::boolean;
  if (parse_integer(node.text)) return ScalarType::integer;
  if (parse_number(node.text)) return ScalarType::number;
  return ScalarType::text;
}

}  // namespace qeval
