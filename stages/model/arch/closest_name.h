#pragma once
/// "did you mean" for names of architectures and their parameters.
#include <string>
#include <string_view>
#include <vector>

namespace qeval {

/// The candidate with the fewest edits to `name`, or "" if that is more than a third of its length.
std::string closest_name(std::string_view name, const std::vector<std::string>& candidates);

/// " (did you mean 'x'?)" or "".
std::string did_you_mean(std::string_view name, const std::vector<std::string>& candidates);

}  // namespace qeval
