#pragma once
/// Class folders that are numbers, or one word with a number: sorted as text, 1, 10, 2 is their order, and that of
/// torchvision's ImageFolder, but seldom that of a network's outputs. Thread-safety: free functions without state.
#include <string>
#include <vector>

namespace qeval {

/// By label, the folder's place in the order of the numbers. Empty if the names are no numbers, or are in that order.
std::vector<int> order_of_numbers(const std::vector<std::string>& folders);

/// What folders first, first + 1 … of so many classes are, sorted as text: by label, the class.
std::vector<int> numbers_sorted_as_text(int classes, int first);

}  // namespace qeval
