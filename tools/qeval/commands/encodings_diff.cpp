#include "tools/qeval/commands/encodings_diff.h"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace qeval {
namespace {

std::string settings_difference(const EncodingEntry& first, const EncodingEntry& second) {
  std::string text;
  const auto add = [&](const std::string& a, const std::string& b, const char* unit) {
    if (a != b) text += (text.empty() ? "" : ", ") + a + "/" + b + unit;
  };
  const auto symmetry = [](const EncodingEntry& entry) { return entry.list.front().symmetric ? "sym" : "asym"; };
  add(std::to_string(first.list.front().bits), std::to_string(second.list.front().bits), " bit");
  add(symmetry(first), symmetry(second), "");
  add(std::to_string(first.list.size()), std::to_string(second.list.size()), " encodings");
  if (first.axis_known && second.axis_known) add(std::to_string(first.axis), std::to_string(second.axis), " axis");
  if (first.block_size != 0 && second.block_size != 0)
    add(std::to_string(first.block_size), std::to_string(second.block_size), " block size");
  return text;
}

EncodingDifference compare(const EncodingEntry& first, const EncodingEntry& second) {
  EncodingDifference worst{first.name,         first.per_channel ? 0 : -1, 0,
                           first.list.front(), second.list.front(),        settings_difference(first, second)};
  if (first.list.size() != second.list.size()) {
    worst.distance = 1;
    return worst;
  }
  for (std::size_t i = 0; i < first.list.size(); ++i) {
    const double distance = range_distance(first.list[i], second.list[i]);
    if (i > 0 && !(distance > worst.distance)) continue;
    worst.channel = first.per_channel ? static_cast<int>(i) : -1;
    worst.distance = distance;
    worst.first = first.list[i];
    worst.second = second.list[i];
  }
  return worst;
}

/// The cells of the axis that a range covers, at least one.
std::pair<int, int> cells_of(const Encoding& range, double low, double high, int width) {
  const double scale = high > low ? width / (high - low) : 0;
  const int first = std::clamp(static_cast<int>(std::floor((range.min - low) * scale)), 0, width - 1);
  const int last = std::clamp(static_cast<int>(std::ceil((range.max - low) * scale)), first + 1, width);
  return {first, last};
}

}  // namespace

double range_distance(const Encoding& first, const Encoding& second) {
  const double both = std::max(first.max, second.max) - std::min(first.min, second.min);
  const double common = std::min(first.max, second.max) - std::max(first.min, second.min);
  // Of two ranges that end at the largest numbers the width may not be finite.
  if (!(both > 0)) return 0;
  return std::isfinite(both) ? 1 - std::max(common, 0.0) / both : 1;
}

EncodingsDiff diff_encodings(const EncodingsFile& first, const EncodingsFile& second) {
  std::map<std::string, const EncodingEntry*> others;
  for (const EncodingEntry& entry : second.entries) others[entry.name] = &entry;
  EncodingsDiff diff;
  for (const EncodingEntry& entry : first.entries) {
    const auto other = others.find(entry.name);
    if (other == others.end()) {
      diff.only_first.push_back(entry.name);
      continue;
    }
    diff.common.push_back(compare(entry, *other->second));
    others.erase(other);
  }
  for (const auto& [name, entry] : others) diff.only_second.push_back(name);
  std::sort(diff.common.begin(), diff.common.end(), [](const EncodingDifference& a, const EncodingDifference& b) {
    return std::tuple(-a.distance, a.settings.empty(), a.name) < std::tuple(-b.distance, b.settings.empty(), b.name);
  });
  return diff;
}

std::string range_bars(const Encoding& first, const Encoding& second, int width, bool unicode) {
  const double low = std::min(first.min, second.min), high = std::max(first.max, second.max);
  const auto [a_first, a_last] = cells_of(first, low, high, width);
  const auto [b_first, b_last] = cells_of(second, low, high, width);
  std::string text;
  for (int cell = 0; cell < width; ++cell) {
    const bool a = cell >= a_first && cell < a_last, b = cell >= b_first && cell < b_last;
    if (a && b)
      text += unicode ? "█" : "#";
    else if (a)
      text += unicode ? "▀" : "A";
    else if (b)
      text += unicode ? "▄" : "B";
    else
      text += unicode ? " " : ".";
  }
  return text;
}

}  // namespace qeval
