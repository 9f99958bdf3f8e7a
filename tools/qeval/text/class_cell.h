#pragma once
/// How tables name a class. Thread-safety: free function.
#include <string>
#include <vector>

#include "storage/cell.h"

namespace qeval {

/// The name of the class with this number among `classes`, its number where it has none; nothing for a negative one.
Cell class_cell(const std::vector<std::string>& classes, int index);

}  // namespace qeval
