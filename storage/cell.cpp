#include "storage/cell.h"

#include <cmath>

#include <fmt/core.h>

namespace qeval {

Cell::Cell(double value) : Cell(real(value, fmt::format("{}", value))) {}

Cell Cell::real(double value, std::string digits) {
  if (std::isnan(value)) return {};
  Cell cell(std::move(digits));
  cell.type_ = Type::real;
  return cell;
}

}  // namespace qeval
