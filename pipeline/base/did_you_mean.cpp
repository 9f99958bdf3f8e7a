#include "pipeline/base/did_you_mean.h"

#include <algorithm>

#include "pipeline/base/visible_text.h"

namespace qeval {

int edit_distance(std::string_view a, std::string_view b) {
  const std::size_t width = b.size() + 1;
  std::vector<int> cost((a.size() + 1) * width);
  const auto at = [&](std::size_t i, std::size_t j) -> int& { return cost[i * width + j]; };
  for (std::size_t i = 0; i <= a.size(); ++i) at(i, 0) = static_cast<int>(i);
  for (std::size_t j = 0; j <= b.size(); ++j) at(0, j) = static_cast<int>(j);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int replace = at(i - 1, j - 1) + (a[i - 1] == b[j - 1] ? 0 : 1);
      at(i, j) = std::min({at(i - 1, j) + 1, at(i, j - 1) + 1, replace});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) at(i, j) = std::min(at(i, j), at(i - 2, j - 2) + 1);
    }
  }
  return at(a.size(), b.size());
}

namespace {

std::vector<std::string> continued(std::string_view word, const std::vector<std::string>& candidates) {
  constexpr std::size_t most = 3;
  const std::string inside = std::string(word) + '.';
  std::vector<std::string> found;
  for (const std::string& candidate : candidates)
    if (candidate.starts_with(inside)) found.push_back(candidate);
  return found.size() <= most ? found : std::vector<std::string>{};
}

}  // namespace

std::vector<std::string> closest_words(std::string_view word, const std::vector<std::string>& candidates) {
  if (auto longer = continued(word, candidates); !longer.empty()) return longer;
  int best = std::max<int>(1, static_cast<int>(word.size()) / 3);
  std::vector<std::string> found;
  for (const std::string& candidate : candidates) {
    // Lengths too far apart need no table: the word may be a megabyte long.
    if (candidate.size() > word.size() + static_cast<std::size_t>(best) ||
        word.size() > candidate.size() + static_cast<std::size_t>(best)) {
      continue;
    }
    const int distance = edit_distance(word, candidate);
    if (distance > best) continue;
    if (distance < best) found.clear();
    best = distance;
    found.push_back(candidate);
  }
  return found;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
  std::string names;
  for (const std::string& name : closest_words(word, candidates))
    names += (names.empty() ? "'" : " or '") + visible_name(name) + "'";
  return names.empty() ? "" : "; did you mean " + names + "?";
}

}  // namespace qeval
