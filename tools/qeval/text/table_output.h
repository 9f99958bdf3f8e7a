#pragma once
/// Tables to standard output. Errors: as write_out. Thread-safety: one thread at a time.
#include <string>
#include <vector>

#include "tools/qeval/text/text_table.h"

namespace qeval {

/// In `format`; for people as fitted_table makes it fit the terminal: `droppable` columns go first.
void print_table(const Table& table, TableFormat format, const std::vector<std::string>& droppable = {});

}  // namespace qeval
