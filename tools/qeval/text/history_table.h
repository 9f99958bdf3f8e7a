#pragma once
/// The list of runs for people. Thread-safety: free function.
#include <string>
#include <vector>

#include "storage/queries.h"

namespace qeval {

/// Of all columns of the history view: percentages, local times, how many images of how many.
Table history_for_people(const Table& history);

/// Its columns that matter least, those first that go first where a terminal is narrow.
const std::vector<std::string>& least_of_history();

}  // namespace qeval
