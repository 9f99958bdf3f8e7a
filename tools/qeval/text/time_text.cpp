#include "tools/qeval/text/time_text.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

#include "pipeline/base/errors.h"

namespace qeval {
namespace {

constexpr std::int64_t most_units = 1'000'000;  // of time; more than any database is old

std::string formatted(const char* format, const std::tm& parts) {
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &parts)};
}

/// All of `text`, as strptime reads it.
std::optional<std::tm> parsed(const std::string& text, const char* format) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), format, &parts);
  return end != nullptr && *end == '\0' ? std::optional(parts) : std::nullopt;
}

std::int64_t seconds_of(char unit) {
  switch (unit) {
    case 'm': return 60;
    case 'h': return 60 * 60;
    case 'd': return 24 * 60 * 60;
    case 'w': return 7 * 24 * 60 * 60;
    default: return 0;
  }
}

/// "7d" in seconds.
std::optional<std::int64_t> duration_of(const std::string& text) {
  if (text.empty()) return std::nullopt;
  std::int64_t count = 0;
  const char* end = text.data() + text.size() - 1;
  const auto [stopped, error] = std::from_chars(text.data(), end, count);
  const std::int64_t unit = seconds_of(text.back());
  if (error != std::errc() || stopped != end || unit == 0 || count < 0 || count > most_units) return std::nullopt;
  return count * unit;
}

}  // namespace

std::string local_time_text(const std::string& utc) {
  // Milliseconds are cut off.
  auto parts = parsed(utc.substr(0, utc.find('.')), "%Y-%m-%dT%H:%M:%S");
  if (!parts) return utc;
  const std::time_t time = ::timegm(&*parts);
  std::tm local{};
  ::localtime_r(&time, &local);
  return formatted("%Y-%m-%d %H:%M", local);
}

std::string utc_text(std::time_t time) {
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  return formatted("%Y-%m-%dT%H:%M:%S.000Z", parts);
}

std::string since_utc(const std::string& since, std::time_t now) {
  if (const auto ago = duration_of(since)) return utc_text(now - *ago);
  for (const char* format : {"%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"})
    if (auto parts = parsed(since, format)) {
      parts->tm_isdst = -1;
      return utc_text(::mktime(&*parts));
    }
  throw UsageError("--since: '" + since + "' is neither a time ago, as 30m, 12h, 7d or 2w, nor a day, as 2025-06-01");
}

}  // namespace qeval
