#pragma once
/// What runs' keys consist of, and in what they differ, as tables. Names of columns are read by scripts: never rename.
/// Thread-safety: free functions.
#include <vector>

#include "jobs/prepare/changed_inputs.h"
#include "storage/queries.h"

namespace qeval {

/// How a database that is open for reading is asked; `queries` must outlive it.
StoredInputs stored_inputs(Queries& queries);

/// A component's value with room for line breaks behind its commas.
std::string breakable_text(const std::string& value);

/// The same for people, hashes cut short; what is computed before the evaluation as far as it depends on more than
/// that.
std::string components_text(const Identity& identity);

/// Part, component and value; of the encodings and of what images changed in the network, too.
Table components_table(const Identity& identity);

/// Input, before, after and detail.
Table changes_table(const std::vector<InputChange>& changes);

/// A line each, indented, wrapped to a terminal; "nothing" without any.
std::string changes_text(const std::vector<InputChange>& changes);

}  // namespace qeval
