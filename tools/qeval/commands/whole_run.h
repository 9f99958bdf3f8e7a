#pragma once
/// A stored run as a verb names it. Thread-safety and errors: as Queries; DatabaseError if its key is not that of its
/// components.
#include <string>

#include "storage/queries.h"

namespace qeval {

RunRecord whole_run(Queries& queries, const std::string& reference);

}  // namespace qeval
