#pragma once
/// Encodings as a table, every number in full. Thread-safety: free function.
#include <vector>

#include "storage/queries.h"
#include "storage/records.h"

namespace qeval {

Table encodings_table(const std::vector<EncodingRecord>& rows);

}  // namespace qeval
