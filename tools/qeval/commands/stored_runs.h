#pragma once
/// Stored runs as a verb is given them. Thread-safety: free functions. Errors: as Queries; DatabaseError for a run
/// whose key was damaged.
#include <string>

#include "storage/queries.h"

namespace qeval {

RunRecord whole_run(Queries& queries, const std::string& reference);

/// The same without a look at its predictions: for who goes on to its outcomes, which are looked at on the way.
RunRecord named_run(Queries& queries, const std::string& reference);

/// UsageError naming what differs of the pictures that the two saw; with `common`, a note to stderr instead.
void check_pictures(Queries& queries, const RunRecord& first, const RunRecord& second, bool common);

}  // namespace qeval
