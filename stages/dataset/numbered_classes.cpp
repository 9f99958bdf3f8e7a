#include "stages/dataset/numbered_classes.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <string_view>

namespace qeval {
namespace {

constexpr std::string_view digits = "0123456789";

struct NumberedName {
  std::string_view word;  ///< before the number
  std::string_view number;
};

/// Longer numbers than any list of classes needs are names.
std::optional<NumberedName> parse(std::string_view name) {
  const std::size_t last = name.find_last_not_of(digits);
  const std::size_t begin = last == std::string_view::npos ? 0 : last + 1;
  if (begin == name.size() || name.size() - begin > 9) return std::nullopt;
  return NumberedName{name.substr(0, begin), name.substr(begin)};
}

}  // namespace

std::vector<int> order_of_numbers(const std::vector<std::string>& folders) {
  std::vector<int> numbers;
  std::string_view word;
  for (const std::string& folder : folders) {
    const auto name = parse(folder);
    if (!name || (!numbers.empty() && name->word != word)) return {};
    word = name->word;
    numbers.push_back(std::stoi(std::string(name->number)));
  }
  std::vector<int> sorted = numbers;
  std::sort(sorted.begin(), sorted.end());
  if (sorted == numbers || std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) return {};
  std::vector<int> place;
  for (const int number : numbers)
    place.push_back(static_cast<int>(std::lower_bound(sorted.begin(), sorted.end(), number) - sorted.begin()));
  return place;
}

std::vector<int> numbers_sorted_as_text(int classes, int first) {
  std::vector<int> order(static_cast<std::size_t>(classes));
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](int a, int b) { return std::to_string(a + first) < std::to_string(b + first); });
  return order;
}

}  // namespace qeval
