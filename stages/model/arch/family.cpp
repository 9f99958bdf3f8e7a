#include "stages/model/arch/family.h"

#include <charconv>

#include "pipeline/base/did_you_mean.h"
#include "pipeline/base/errors.h"
#include "stages/model/arch/arch.h"

namespace qeval {
namespace {

/// The whole of `text` as a number of at least 1, or 0.
int parse_positive(std::string_view text, int max) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool good = error == std::errc() && end == text.data() + text.size() && value >= 1 && value <= max;
  return good ? value : 0;
}

std::vector<std::string_view> split_commas(std::string_view text) {
  std::vector<std::string_view> parts;
  for (;;) {
    const auto comma = text.find(',');
    parts.push_back(text.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    text.remove_prefix(comma + 1);
  }
}

}  // namespace

const std::string& ArchSettings::text(const std::string& key) const {
  const auto found = values_.find(key);
  if (found == values_.end()) throw InternalError("architecture " + arch_ + " has no parameter '" + key + "'");
  if (found->second.empty())
    throw ArchParameterError(key, "", "architecture '" + arch_ + "' needs the parameter '" + key + "'");
  return found->second;
}

void ArchSettings::reject(const std::string& key, const std::string& wanted, const std::string& example) const {
  throw ArchParameterError(key, example,
                           "architecture '" + arch_ + "': " + key + " is '" + text(key) + "', but must be " + wanted);
}

int ArchSettings::positive(const std::string& key, int max) const {
  const int value = parse_positive(text(key), max);
  if (value == 0) reject(key, "a whole number from 1 to " + std::to_string(max), "64");
  return value;
}

std::vector<int> ArchSettings::positive_list(const std::string& key, std::size_t length) const {
  std::vector<int> values;
  for (const std::string_view part : split_commas(text(key))) values.push_back(parse_positive(part, 1000));
  bool good = values.size() == length;
  for (const int value : values) good = good && value != 0;
  if (good) return values;
  std::string ones = "1";
  for (std::size_t i = 1; i < length; ++i) ones += ",1";
  reject(key, std::to_string(length) + " whole numbers with commas between them, each from 1 to 1000", ones);
}

std::string ArchSettings::choice(const std::string& key, const std::vector<std::string>& allowed) const {
  std::string list;
  for (const std::string& value : allowed) {
    if (value == text(key)) return value;
    list += (list.empty() ? "'" : "' or '") + value;
  }
  reject(key, list + "'" + did_you_mean(text(key), allowed), allowed.back());
}

}  // namespace qeval
