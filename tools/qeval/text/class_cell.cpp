#include "tools/qeval/text/class_cell.h"

namespace qeval {

Cell class_cell(const std::vector<std::string>& classes, int index) {
  if (index < 0) return {};
  const auto at = static_cast<std::size_t>(index);
  return at < classes.size() ? Cell(classes[at]) : Cell(index);
}

}  // namespace qeval
