#pragma once
/// Suggestions for misspelt words. Thread-safety: free functions.
#include <string>
#include <string_view>
#include <vector>

namespace qeval {

/// Edits (insert, delete, replace, swap of neighbours) between two words: Damerau–Levenshtein distance in its
/// optimal-string-alignment form.
int edit_distance(std::string_view a, std::string_view b);

/// Candidates that begin with `word` and a dot, if there are one to three: names of modules go on inside. Else all at
/// the smallest distance, if that is at most max(1, length of `word` / 3). In the order given.
std::vector<std::string> closest_words(std::string_view word, const std::vector<std::string>& candidates);

/// "; did you mean 'weights'?", "; did you mean 'top1' or 'top5'?", or empty.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace qeval
